/* Frames whose size and contents follow from their number, and both ends of a ring.
 *
 * Threads: traffic_send as the ring's producer, traffic_consume as its consumer. Memory:
 * none. Waiting: both do, and without a time limit: a wake-up that is lost ends in the
 * time limit of the test run.
 */
#ifndef FL_TESTS_TRAFFIC_H
#define FL_TESTS_TRAFFIC_H

#include "_ring/frame.h"
#include "_ring/rings.h"

#include "check.h"

#include <errno.h>
#include <sched.h>

enum {
    TRAFFIC_NAPS = 2,   /* before a deep sleep */
    TRAFFIC_LOOKS = 20, /* for room, before a wait */
};

#define TRAFFIC_NAP_NS INT64_C(20000)
#define TRAFFIC_SLEEP_NS INT64_C(3600000000000)

typedef struct traffic {
    fl_ring *ring;
    uint64_t records; /* to be sent in all */
    /* The producer's. */
    uint64_t waits; /* for room */
    uint64_t wakes;
    /* The consumer's. */
    uint64_t bytes;
    uint64_t naps;
    uint64_t sleeps;
} traffic;

static inline uint64_t traffic_mixed(uint64_t number)
{
    return check_random(&number);
}

/* 48 to 200 bytes; one frame in 1024 has up to a quarter of the smallest ring. */
static inline size_t traffic_size(uint64_t number)
{
    uint64_t mixed = traffic_mixed(number);
    size_t words = (size_t)(mixed % 20);
    if (mixed >> 54 == 0)
        words = (size_t)(mixed % (FL_RING_BYTES_LEAST / 32 - 6));
    return sizeof(fl_frame) + 8 + 8 * words;
}

static inline uint32_t traffic_sum(const uint64_t *words, size_t size)
{
    uint64_t sum = size;
    for (size_t i = 0; i < size / 8; i++)
        sum = (sum << 7 | sum >> 57) ^ words[i];
    return (uint32_t)(sum ^ sum >> 32);
}

static inline void traffic_fill(char *place, uint64_t number, size_t size)
{
    fl_frame *frame = (fl_frame *)place;
    uint64_t *words = (uint64_t *)(frame + 1);
    uint64_t mixed = traffic_mixed(number);
    size_t rest = size - sizeof *frame;
    for (size_t i = 0; i < rest / 8; i++)
        words[i] = mixed * (2 * i + 1);
    *frame = (fl_frame){.size = (uint32_t)size, .kind = FL_FRAME_LINE, .clock = number};
    frame->check = traffic_sum(words, rest);
}

/* The frame at *place* is whole, and the one with *number*; returns its size. */
static inline size_t traffic_check(const char *place, uint64_t number)
{
    const fl_frame *frame = (const fl_frame *)place;
    CHECK_EQUAL(frame->clock, number);
    CHECK_EQUAL(frame->size, traffic_size(number));
    size_t rest = frame->size - sizeof *frame;
    CHECK_EQUAL(frame->check, traffic_sum((const uint64_t *)(frame + 1), rest));
    return frame->size;
}

/* Room for *size* bytes is there, after a look or two. Without the looks, each room
 * would come by a wait, whose own orders hide what the ring's lack. */
static inline bool traffic_finds_room(fl_ring *ring, size_t size)
{
    for (int i = 0; i < TRAFFIC_LOOKS; i++) {
        if (fl_ring_room(ring, size) >= size)
            return true;
        sched_yield();
    }
    return false;
}

/* Put the frame with *number* where there is room for it. */
static inline void traffic_put(traffic *me, uint64_t number, size_t size)
{
    traffic_fill(fl_ring_place(me->ring), number, size);
    fl_ring_commit(me->ring, size, 1);
}

static inline void traffic_wake(traffic *me, bool urgent)
{
    if (fl_ring_is_asleep(me->ring, urgent)) {
        fl_ring_wake(me->ring);
        me->wakes++;
    }
}

static inline void traffic_rest(traffic *me, uint64_t position, int *idle)
{
    bool nap = (*idle)++ < TRAFFIC_NAPS;
    fl_ring_sleep(me->ring, position, nap, nap ? TRAFFIC_NAP_NS : TRAFFIC_SLEEP_NS);
    nap ? me->naps++ : me->sleeps++;
}

/* A thread: take all that is sent, in batches of changing length, and check it. */
static inline void *traffic_consume(void *argument)
{
    traffic *me = argument;
    uint64_t position = 0, number = 0, seed = 1;
    int idle = 0;
    while (number < me->records) {
        uint64_t end = fl_ring_peek(me->ring);
        if (end == position) {
            traffic_rest(me, position, &idle);
            continue;
        }
        idle = 0;
        uint64_t limit = position + check_random(&seed) % (me->ring->mask + 1);
        do
            position += traffic_check(fl_ring_at(me->ring, position), number++);
        while (position < end && position < limit);
        fl_ring_release(me->ring, position);
        fl_ring_progress(me->ring);
    }
    me->bytes = position;
    return NULL;
}

#endif
