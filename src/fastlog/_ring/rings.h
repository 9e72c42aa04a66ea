/* The process's ring: made, given back, and gone after a fork.
 *
 * Threads: under the interpreter's lock. Memory: one mapping per ring, of anonymous
 * shared memory that is really there (no SIGBUS later). Waiting: never.
 * Functions return 0, or a negated errno.
 */
#ifndef FL_RINGS_H
#define FL_RINGS_H

#include "_ring/ring.h"

enum {
    FL_RING_BYTES_LEAST = 1 << 16,
    FL_RING_BYTES_MOST = 1 << 30,
    FL_DICTIONARY_BYTES = 1 << 20,
};

/* *size* is a power of two within the bounds above, else -EINVAL; -ENOMEM if the system
 * cannot spare it. Never to be closed by a forked child, which has no such mapping. */
int fl_ring_open(fl_ring *ring, size_t size);
void fl_ring_close(fl_ring *ring);

/* Producer only, when the ring is drained: begin the dictionary anew. */
void fl_ring_new_dictionary(fl_ring *ring);

/* A word that reads 0 in every process forked from this one, even by clone(), where the
 * system can do that; else in those whose pthread_atfork handler set it. */
typedef struct fl_life {
    fl_ring *ring; /* NULL: none, or not ours */
} fl_life;

int fl_life_open(fl_life **life);

/* What this system has. */
bool fl_has_membarrier(void);
bool fl_has_wipe_on_fork(void);

#endif
