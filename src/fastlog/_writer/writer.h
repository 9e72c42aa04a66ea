/* The thread that formats and writes what the ring holds. It never knows Python.
 *
 * Threads: fl_writer_start and fl_writer_sink are called under the interpreter's lock,
 * the functions that wait without it. Memory: batches, see sink.h. Waiting: only in
 * fl_writer_flush and fl_writer_stop. A writer belongs to the process that started it.
 * Functions return 0 or more, or a negated errno.
 */
#ifndef FL_WRITER_H
#define FL_WRITER_H

#include <pthread.h>

#include "_ring/dictionary.h"
#include "_ring/frame.h"
#include "_ring/ring.h"
#include "_writer/program.h"
#include "_writer/sink.h"

enum { FL_SINKS = 1024 };

/* How a frame's clock is read; constant while the writer runs. */
typedef struct fl_clock {
    bool is_ns; /* time.time_ns(), 3.13 and newer; else the bits of time.time() */
    int64_t start_ns;
    double start_seconds;
} fl_clock;

typedef struct fl_writer {
    fl_ring *ring;
    fl_clock clock;
    pthread_t thread;
    bool started; /* the thread is there, or was */
    _Atomic uint32_t stopping;
    _Atomic uint32_t ended;
    _Atomic uint32_t closings;   /* sinks that are to be closed */
    _Atomic uint32_t dropping;   /* sinks that have something to say about it */
    _Atomic uint32_t reporting;  /* failures are said on stderr */
    _Atomic uint64_t last_error; /* sink id << 32 | errno */
    _Atomic(fl_sink *) sinks[FL_SINKS];
    /* The thread's own. */
    uint64_t position; /* all before it was formatted, but for failing sinks */
    fl_sink *queue;    /* sinks with a batch */
    uint32_t failing;  /* sinks */
    fl_buffer message;
} fl_writer;

void fl_writer_init(fl_writer *writer, fl_ring *ring, const fl_clock *clock);

/* After the thread has ended: close all sinks and free what it held. */
void fl_writer_free(fl_writer *writer);

/* In a forked child, which has no such thread: close its descriptors. Its memory may
 * have been in use at the time, and stays. */
void fl_writer_abandon(fl_writer *writer);

/* Start the thread if there is none. */
int fl_writer_start(fl_writer *writer);

/* Open a sink; its id or a negated errno (-EMFILE: too many). */
int fl_writer_open_sink(fl_writer *writer, const fl_sink_options *options);

/* Let the sink go once all frames committed so far are written. */
void fl_writer_close_sink(fl_writer *writer, uint32_t id);

/* Whether all frames committed before the call are with the kernel: those of sink *id*,
 * or of all if negative. 1: yes; 0: the time ran out; -EINTR. Negative: no limit. */
int fl_writer_flush(fl_writer *writer, int64_t id, int64_t timeout_ns);

/* The same for the frames before *position*. */
int fl_writer_flush_to(fl_writer *writer, int64_t id, uint64_t position,
                       int64_t timeout_ns);

/* End the thread: 1, or 0 if it has not ended in time. What it has not written stays. */
int fl_writer_stop(fl_writer *writer, int64_t timeout_ns);

/* Lines committed and not written. */
uint64_t fl_writer_left(const fl_writer *writer);

/* Count one line of *level* for sink *id* that found the ring full. */
void fl_writer_drop(fl_writer *writer, uint32_t id, int32_t level, uint32_t level_name);

/* Whether failures are said on stderr. */
void fl_writer_set_reporting(fl_writer *writer, bool on);

/* The last failure, sink id << 32 | errno; 0: none. */
uint64_t fl_writer_last_error(const fl_writer *writer);

bool fl_writer_is_alive(const fl_writer *writer);

/* How often the writer opened the path of sink *id* anew, and whether the sink is on
 * that file now. */
uint32_t fl_writer_reopened(const fl_writer *writer, uint32_t id);
bool fl_writer_is_on(const fl_writer *writer, uint32_t id, uint64_t device,
                     uint64_t inode);
const char *fl_writer_path(const fl_writer *writer, uint32_t id);

#endif
