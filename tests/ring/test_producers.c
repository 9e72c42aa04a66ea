/* ring.h: producers that take turns under a lock, as the interpreter's lets them. */
#include "traffic.h"

#include <pthread.h>

enum { PRODUCERS = 3, RECORDS = 300000 };

typedef struct producer {
    pthread_t thread;
    traffic *all;
    uint64_t sent;
} producer;

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static uint64_t next_number;

/* A wait is without the lock, as the interpreter's is given up for it: the number is
 * only taken, and the place only filled, when there is room. */
static size_t wait_for_room(traffic *all)
{
    size_t size = traffic_size(next_number);
    while (fl_ring_room(all->ring, size) < size) {
        all->waits++;
        pthread_mutex_unlock(&turn);
        /* Whoever has the lock may have taken this room, or left more of it. */
        CHECK_EQUAL(fl_ring_wait_for_room(all->ring, size, -1), 1);
        pthread_mutex_lock(&turn);
        size = traffic_size(next_number);
    }
    return size;
}

static void *produce(void *argument)
{
    producer *me = argument;
    traffic *all = me->all;
    bool more = true;
    while (more) {
        pthread_mutex_lock(&turn);
        size_t size = wait_for_room(all);
        more = next_number < all->records;
        if (more) {
            traffic_put(all, next_number, size);
            traffic_wake(all, next_number % 64 == 0);
            next_number++;
            me->sent++;
        }
        pthread_mutex_unlock(&turn);
        if (check_random(&(uint64_t){me->sent}) % 64 == 0)
            sched_yield();
    }
    return NULL;
}

static void all_arrive(bool fences)
{
    fl_ring ring;
    CHECK_EQUAL(fl_ring_open(&ring, FL_RING_BYTES_LEAST), 0);
    ring.fences = ring.fences || fences;
    traffic all = {.ring = &ring, .records = RECORDS};
    producer producers[PRODUCERS] = {{0}};
    next_number = 0;
    for (int i = 0; i < PRODUCERS; i++) {
        producers[i].all = &all;
        CHECK_EQUAL(pthread_create(&producers[i].thread, NULL, produce, &producers[i]),
                    0);
    }
    traffic_consume(&all);
    uint64_t sent = 0;
    for (int i = 0; i < PRODUCERS; i++) {
        CHECK_EQUAL(pthread_join(producers[i].thread, NULL), 0);
        sent += producers[i].sent;
    }

    CHECK_EQUAL(sent, RECORDS);
    CHECK_EQUAL(all.bytes, fl_ring_tail(&ring));
    CHECK_EQUAL(atomic_load(&ring.shared->accepted), RECORDS);
    CHECK_EQUAL(atomic_load(&ring.shared->waiters), 0);
    CHECK_EQUAL(atomic_load(&ring.shared->urgent), 0);
    fl_ring_close(&ring);
}

int main(void)
{
    all_arrive(false);
    all_arrive(true); /* as where there is no membarrier() */
    return 0;
}
