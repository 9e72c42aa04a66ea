/* rings.c: what a child has of its parent's ring: nothing, and it can tell. */
#define _GNU_SOURCE /* syscall */
#include "traffic.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RECORDS = 20000, FORKS = 20 };

static fl_ring ring;
static fl_life *life;

static bool is_mapped(void *place, size_t size)
{
    return msync(place, size, MS_ASYNC) == 0;
}

/* In the child: statuses instead of CHECK, which would flush the parent's stdout. */
static int look_around(void)
{
    if (fl_has_wipe_on_fork() && life->ring != NULL)
        return 2;
    if (is_mapped(ring.mapping, ring.mapping_size))
        return 3;
    life->ring = &ring; /* its own page: the parent's must not change */
    return 0;
}

static int make_a_ring_of_its_own(void)
{
    fl_ring own;
    if (fl_ring_open(&own, FL_RING_BYTES_LEAST) != 0)
        return 4;
    traffic me = {.ring = &own, .records = 200};
    for (uint64_t number = 0; number < me.records; number++) {
        size_t size = traffic_size(number);
        if (fl_ring_room(&own, size) < size)
            return 5;
        traffic_put(&me, number, size);
    }
    traffic_consume(&me);
    fl_ring_close(&own);
    return 0;
}

static void ended_well(pid_t child)
{
    int status = -1;
    CHECK(child > 0);
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK(WIFEXITED(status));
    CHECK_EQUAL(WEXITSTATUS(status), 0);
}

static void fork_once(void)
{
    pid_t child = fork();
    if (child == 0) {
        int status = look_around();
        _exit(status != 0 ? status : make_a_ring_of_its_own());
    }
    ended_well(child);
    CHECK(life->ring == &ring);
}

/* Not by the C library: no handler of pthread_atfork() runs. */
static void clone_once(void)
{
#ifdef SYS_clone
    pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (child == 0)
        _exit(look_around());
    ended_well(child);
    CHECK(life->ring == &ring);
#endif
}

/* All that the parent sent arrives, whenever it forked. */
static void the_parent_goes_on(void)
{
    traffic me = {.ring = &ring, .records = RECORDS};
    pthread_t consumer;
    CHECK_EQUAL(pthread_create(&consumer, NULL, traffic_consume, &me), 0);
    for (uint64_t number = 0; number < me.records; number++) {
        size_t size = traffic_size(number);
        if (!traffic_finds_room(&ring, size))
            CHECK_EQUAL(fl_ring_wait_for_room(&ring, size, -1), 1);
        CHECK(fl_ring_room(&ring, size) >= size);
        traffic_put(&me, number, size);
        traffic_wake(&me, false);
        if (number % (RECORDS / FORKS) == 0)
            fork_once();
        if (number % (RECORDS / FORKS) == 1)
            clone_once();
    }
    CHECK_EQUAL(pthread_join(consumer, NULL), 0);
    CHECK_EQUAL(me.bytes, fl_ring_tail(&ring));
}

int main(void)
{
    CHECK_EQUAL(fl_life_open(&life), 0);
    CHECK(life->ring == NULL);
    CHECK_EQUAL(fl_ring_open(&ring, FL_RING_BYTES_LEAST), 0);
    CHECK(is_mapped(ring.mapping, ring.mapping_size));
    life->ring = &ring;
    the_parent_goes_on();
    fl_ring_close(&ring);
    return 0;
}
