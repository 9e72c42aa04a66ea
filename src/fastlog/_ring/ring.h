/* The ring: bytes from the threads that log to the one that writes.
 *
 * Threads: one producer at a time (whoever holds the interpreter's lock), one consumer.
 * Positions only grow; `position & mask` is the place. The memory is mapped twice in a
 * row, so nothing is ever split. Memory: none is taken here, see rings.h. Waiting: only
 * in the functions that say so.
 *
 * The orders below are those that the two sides need; tests/ring weakens each in turn
 * and expects a race to be found.
 */
#ifndef FL_RING_H
#define FL_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Tests build with one of these weakened to memory_order_relaxed. */
#ifndef FL_ORDER_COMMIT
#define FL_ORDER_COMMIT memory_order_release
#endif
#ifndef FL_ORDER_PEEK
#define FL_ORDER_PEEK memory_order_acquire
#endif
#ifndef FL_ORDER_RELEASE
#define FL_ORDER_RELEASE memory_order_release
#endif
#ifndef FL_ORDER_ROOM
#define FL_ORDER_ROOM memory_order_acquire
#endif

enum fl_sleep { FL_AWAKE, FL_NAPPING, FL_SLEEPING };

/* Begins the mapping; each side's words are on cache lines of their own. */
typedef struct fl_ring_shared {
    uint64_t size; /* bytes, a power of two; constant */
    /* The producer's. */
    _Alignas(64) _Atomic uint64_t tail; /* all before it is committed */
    _Atomic uint64_t accepted;          /* lines */
    _Atomic uint64_t edition;           /* of the dictionary: ids of another are void */
    /* The consumer's. */
    _Alignas(64) _Atomic uint64_t head; /* all before it may be overwritten */
    _Atomic uint64_t scanned; /* ... has been written, but for failing sinks */
    _Atomic uint64_t written; /* lines */
    _Atomic uint64_t bytes;   /* to the kernel */
    _Atomic uint64_t errors;  /* of write() and its like */
    _Atomic uint64_t highest; /* bytes in use at most */
    /* Both sides', seldom written. */
    _Alignas(64) _Atomic uint32_t sleep;    /* enum fl_sleep; a futex */
    _Atomic uint32_t urgent;                /* somebody waits: do not nap */
    _Alignas(64) _Atomic uint32_t progress; /* a futex, moves when head or scanned do */
    _Atomic uint32_t waiters;
} fl_ring_shared;

typedef struct fl_ring {
    fl_ring_shared *shared;
    char *data;
    uint64_t mask;
    uint64_t known_head; /* the producer's copy: at most the true one */
    bool fences;         /* no membarrier() here: the producer orders by itself */
    char *dictionary;
    size_t dictionary_size;
    size_t dictionary_used; /* the producer's */
    void *mapping;
    size_t mapping_size;
} fl_ring;

static inline uint64_t fl_ring_tail(const fl_ring *ring)
{
    /* relaxed: only the producer writes tail. */
    return atomic_load_explicit(&ring->shared->tail, memory_order_relaxed);
}

/* Producer only. Bytes that may be filled now, at fl_ring_place(); at least *wanted*
 * if the consumer has left that much. */
static inline size_t fl_ring_room(fl_ring *ring, size_t wanted)
{
    uint64_t tail = fl_ring_tail(ring);
    size_t room = (size_t)(ring->known_head + ring->mask + 1 - tail);
    if (__builtin_expect(room >= wanted, 1))
        return room;
    /* acquire: pairs with the release in fl_ring_release; those bytes are ours again. */
    ring->known_head = atomic_load_explicit(&ring->shared->head, FL_ORDER_ROOM);
    return (size_t)(ring->known_head + ring->mask + 1 - tail);
}

static inline char *fl_ring_place(const fl_ring *ring)
{
    return ring->data + (fl_ring_tail(ring) & ring->mask);
}

/* Producer only. Publish *size* bytes, a multiple of 8, that count for *lines*. */
static inline void fl_ring_commit(fl_ring *ring, size_t size, uint64_t lines)
{
    uint64_t tail = fl_ring_tail(ring);
    uint64_t accepted =
        atomic_load_explicit(&ring->shared->accepted, memory_order_relaxed);
    /* relaxed: a count, read by nobody who depends on it. */
    atomic_store_explicit(&ring->shared->accepted, accepted + lines,
                          memory_order_relaxed);
    /* release: pairs with the acquire in fl_ring_peek; the bytes before the position. */
    atomic_store_explicit(&ring->shared->tail, tail + size, FL_ORDER_COMMIT);
}

/* Consumer only. The position up to which bytes may be read. */
static inline uint64_t fl_ring_peek(const fl_ring *ring)
{
    /* acquire: pairs with the release in fl_ring_commit. */
    return atomic_load_explicit(&ring->shared->tail, FL_ORDER_PEEK);
}

static inline const char *fl_ring_at(const fl_ring *ring, uint64_t position)
{
    return ring->data + (position & ring->mask);
}

/* Consumer only. Give back all before *position*. */
static inline void fl_ring_release(fl_ring *ring, uint64_t position)
{
    /* release: pairs with the acquire in fl_ring_room; our reads come before. */
    atomic_store_explicit(&ring->shared->head, position, FL_ORDER_RELEASE);
}

/* Producer only, after a commit: whether the consumer has to be woken for it. */
static inline bool fl_ring_is_asleep(const fl_ring *ring, bool urgent)
{
    /* The compiler must not read before it commits. That the processor does not either
     * is seen to by the consumer's membarrier(), between its store and its recheck; or
     * here, where there is none. */
    atomic_signal_fence(memory_order_seq_cst);
    if (__builtin_expect(ring->fences, 0))
        atomic_thread_fence(memory_order_seq_cst);
    uint32_t sleep = atomic_load_explicit(&ring->shared->sleep, memory_order_relaxed);
    return __builtin_expect(sleep != FL_AWAKE, 0) && (sleep == FL_SLEEPING || urgent);
}

/* Any thread. Wake the consumer; one system call if it sleeps, else none. */
void fl_ring_wake(fl_ring *ring);

/* Consumer only. Sleep for *timeout_ns* at most, unless there is something after
 * *position* or somebody waits. A nap ends early only for what is urgent. */
void fl_ring_sleep(fl_ring *ring, uint64_t position, bool nap, int64_t timeout_ns);

/* Consumer only, after head or scanned moved: wake those who wait for it. */
void fl_ring_progress(fl_ring *ring);

/* Producer only, after a commit: whether a quarter of the ring or more is in use. */
static inline bool fl_ring_is_filling(fl_ring *ring)
{
    uint64_t quarter = (ring->mask + 1) / 4;
    return __builtin_expect(fl_ring_tail(ring) - ring->known_head > quarter, 0) &&
           fl_ring_room(ring, ring->mask + 1) < 3 * quarter;
}

/* Producer only. Whether the consumer needs nothing any more that was committed. */
static inline bool fl_ring_is_drained(const fl_ring *ring)
{
    return atomic_load_explicit(&ring->shared->head, memory_order_acquire) ==
           fl_ring_tail(ring);
}

/* What anybody may read at any time. */
typedef struct fl_ring_numbers {
    uint64_t accepted, written; /* lines */
    uint64_t bytes;             /* given to the kernel */
    uint64_t errors;
    uint64_t used, highest; /* bytes of the ring */
} fl_ring_numbers;

void fl_ring_read_numbers(const fl_ring *ring, fl_ring_numbers *numbers);

typedef bool (*fl_ring_condition)(const fl_ring *ring, const void *argument);

/* Any thread, without the interpreter's lock. Wait until *condition* holds or
 * *timeout_ns* (negative: for ever) has passed. 1: it holds; 0: time is out; -EINTR. */
int fl_ring_wait(fl_ring *ring, fl_ring_condition condition, const void *argument,
                 int64_t timeout_ns);

/* Producer, without the interpreter's lock. Wait until *size* bytes are free. */
int fl_ring_wait_for_room(fl_ring *ring, size_t size, int64_t timeout_ns);

#endif
