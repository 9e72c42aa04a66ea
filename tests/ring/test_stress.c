/* ring.h: two threads at full speed; no frame lost, overwritten or seen unfinished.
 *
 * The count of records is the first argument; 10^8 take some seconds. */
#define _GNU_SOURCE /* clock_gettime */
#include "traffic.h"

#include <pthread.h>
#include <time.h>

enum { RECORDS = 2000000, BURST = 8192 };

/* The consumer has taken all. No order: this must not help the ring to its own. */
static void wait_until_empty(const fl_ring *ring)
{
    uint64_t tail = fl_ring_tail(ring);
    while (atomic_load_explicit(&ring->shared->head, memory_order_relaxed) != tail)
        sched_yield();
}

static void wait_until_asleep(const fl_ring *ring)
{
    while (atomic_load_explicit(&ring->shared->sleep, memory_order_relaxed) !=
           FL_SLEEPING)
        sched_yield();
}

static void send(traffic *me, uint64_t number, bool quiet)
{
    size_t size = traffic_size(number);
    if (!traffic_finds_room(me->ring, size)) {
        me->waits++;
        CHECK_EQUAL(fl_ring_wait_for_room(me->ring, size, -1), 1);
        CHECK(fl_ring_room(me->ring, size) >= size);
        quiet = false;
    }
    traffic_put(me, number, size);
    if (!quiet)
        traffic_wake(me, number % 16 == 0);
}

/* Between bursts the consumer runs out of work, so that the next one meets it anywhere
 * on its way to sleep. Some bursts wait until it sleeps; some of these do not wake it
 * before the ring is full, and the wait for room does. */
static void produce(traffic *me)
{
    uint64_t seed = 2, number = 0;
    while (number < me->records) {
        uint64_t burst = check_random(&seed), waits = me->waits;
        uint64_t end = number + 1 + (burst >> 8) % BURST;
        bool quiet = burst % 8 == 0;
        if (burst % 4 == 0)
            wait_until_asleep(me->ring);
        while (number < me->records && (number < end || quiet)) {
            quiet = quiet && me->waits == waits && number + 1 < me->records;
            send(me, number++, quiet);
        }
        wait_until_empty(me->ring);
    }
}

int main(int count, char **arguments)
{
    fl_ring ring;
    CHECK_EQUAL(fl_ring_open(&ring, FL_RING_BYTES_LEAST), 0);
    traffic me = {.ring = &ring, .records = RECORDS};
    if (count > 1)
        me.records = strtoull(arguments[1], NULL, 10);
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    pthread_t consumer;
    CHECK_EQUAL(pthread_create(&consumer, NULL, traffic_consume, &me), 0);
    produce(&me);
    CHECK_EQUAL(pthread_join(consumer, NULL), 0);
    clock_gettime(CLOCK_MONOTONIC, &end);

    CHECK_EQUAL(me.bytes, fl_ring_tail(&ring));
    CHECK_EQUAL(atomic_load(&ring.shared->accepted), me.records);
    CHECK(me.sleeps > 0 && me.wakes > 0 && me.waits > 0);
    double seconds = (double)(end.tv_sec - begin.tv_sec) +
                     (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
    printf("%llu records, %llu bytes, %llu laps, %llu waits for room, %llu naps, "
           "%llu sleeps, %llu wakes, %.1f s\n",
           (unsigned long long)me.records, (unsigned long long)me.bytes,
           (unsigned long long)(me.bytes / FL_RING_BYTES_LEAST),
           (unsigned long long)me.waits, (unsigned long long)me.naps,
           (unsigned long long)me.sleeps, (unsigned long long)me.wakes, seconds);
    fl_ring_close(&ring);
    return 0;
}
