#define _GNU_SOURCE
#include "_writer/writer.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "_writer/deliver.h"

enum { NAPS = 16, NAP_NS = 1000000, STACK_BYTES = 256 * 1024 };
static const int64_t SLEEP_NS = INT64_C(1000000000);

void fl_writer_init(fl_writer *writer, fl_ring *ring, const fl_clock *clock)
{
    memset(writer, 0, sizeof *writer);
    writer->ring = ring;
    writer->clock = *clock;
    fl_buffer_init(&writer->message);
}

void fl_writer_free(fl_writer *writer)
{
    for (int i = 0; i < FL_SINKS; i++) {
        fl_sink *sink = atomic_load(&writer->sinks[i]);
        if (sink == NULL)
            continue;
        if (atomic_load(&sink->state) != FL_SINK_FREE)
            fl_sink_close(sink);
        free(sink->path);
        free(sink);
        atomic_store(&writer->sinks[i], NULL);
    }
    fl_buffer_free(&writer->message);
}

void fl_writer_abandon(fl_writer *writer)
{
    for (int i = 0; i < FL_SINKS; i++) {
        fl_sink *sink = atomic_load(&writer->sinks[i]);
        if (sink != NULL)
            fl_sink_drop_fd(sink);
    }
}

/* -- the thread --------------------------------------------------------------------- */

static void write_all(fl_writer *writer)
{
    while (writer->queue != NULL)
        fl_write_batch(writer, writer->queue);
}

/* Everything before the position that no failing sink still needs is given back. */
static void give_back(fl_writer *writer)
{
    uint64_t kept = writer->position;
    if (writer->failing != 0)
        for (int i = 0; i < FL_SINKS; i++) {
            fl_sink *sink = atomic_load(&writer->sinks[i]);
            if (sink == NULL)
                break;
            uint64_t from = atomic_load(&sink->failing_from);
            if (from < kept)
                kept = from;
        }
    fl_ring_release(writer->ring, kept);
    atomic_store_explicit(&writer->ring->shared->scanned, writer->position,
                          memory_order_release);
    fl_ring_progress(writer->ring);
}

static bool collect(fl_writer *writer)
{
    fl_ring *ring = writer->ring;
    uint64_t tail = fl_ring_peek(ring);
    uint64_t begin = writer->position;
    uint64_t given = begin;
    if (tail == begin)
        return false;
    uint64_t head = atomic_load_explicit(&ring->shared->head, memory_order_relaxed);
    if (tail - head >
        atomic_load_explicit(&ring->shared->highest, memory_order_relaxed))
        atomic_store_explicit(&ring->shared->highest, tail - head,
                              memory_order_relaxed);
    while (writer->position != tail) {
        const fl_frame *frame = (const fl_frame *)fl_ring_at(ring, writer->position);
        fl_deliver(writer, frame, writer->position, NULL);
        writer->position += frame->size;
        if (writer->position - given > ring->mask / 8) {
            write_all(writer);
            give_back(writer);
            given = writer->position;
        }
    }
    write_all(writer);
    give_back(writer);
    return true;
}

/* Try the batch of a failing sink again, and then what it missed since. */
static void recover_sink(fl_writer *writer, fl_sink *sink)
{
    sink->broke = false;
    if (fl_write_batch(writer, sink) < 0)
        return;
    uint64_t position = sink->batch_to;
    while (position != writer->position) {
        const fl_frame *frame = (const fl_frame *)fl_ring_at(writer->ring, position);
        if (sink->batch.size == 0)
            atomic_store(&sink->failing_from, position);
        fl_deliver(writer, frame, position, sink);
        if (sink->broke)
            return;
        position += frame->size;
    }
    if (sink->batch.size != 0 && fl_write_batch(writer, sink) < 0)
        return;
    sink->error = 0;
    sink->retry_after_ns = 0;
    writer->failing--;
    atomic_store(&sink->failing_from, UINT64_MAX);
}

/* The handler is closed, and nobody will ever read what it still has to say. */
static bool is_hopeless(const fl_sink *sink)
{
    int error = sink->error;
    return atomic_load(&sink->state) == FL_SINK_CLOSING &&
           (error == EPIPE || error == EBADF || error == ENXIO);
}

static void give_up(fl_writer *writer, fl_sink *sink)
{
    fl_sink_drop_fd(sink);
    fl_buffer_free(&sink->batch);
    sink->taken = 0;
    sink->lines = sink->lines_taken = 0;
    sink->error = 0;
    sink->lost = true;
    writer->failing--;
    atomic_store(&sink->failing_from, UINT64_MAX);
}

/* Retry what is due; returns when the next retry is, or INT64_MAX. */
static int64_t retry(fl_writer *writer)
{
    int64_t next = INT64_MAX;
    if (writer->failing == 0)
        return next;
    int64_t now = fl_monotonic_ns();
    bool recovered = false;
    for (int i = 0; i < FL_SINKS; i++) {
        fl_sink *sink = atomic_load(&writer->sinks[i]);
        if (sink == NULL)
            break;
        if (atomic_load(&sink->state) == FL_SINK_FREE || sink->error == 0)
            continue;
        if (is_hopeless(sink)) {
            give_up(writer, sink);
            recovered = true;
        } else if (sink->retry_at_ns <= now) {
            recover_sink(writer, sink);
            recovered = true;
        }
        if (sink->error != 0 && sink->retry_at_ns < next)
            next = sink->retry_at_ns;
    }
    if (recovered)
        give_back(writer);
    return next;
}

static void close_sinks(fl_writer *writer)
{
    for (int i = 0; i < FL_SINKS; i++) {
        fl_sink *sink = atomic_load(&writer->sinks[i]);
        if (sink == NULL)
            break;
        if (atomic_load(&sink->state) != FL_SINK_CLOSING || sink->error != 0 ||
            atomic_load(&sink->closing_at) > writer->position)
            continue;
        fl_sink_close(sink);
        atomic_fetch_sub(&writer->closings, 1);
        atomic_store(&sink->state, FL_SINK_FREE);
    }
}

static void tell_drops(fl_writer *writer)
{
    if (atomic_exchange(&writer->dropping, 0) == 0)
        return;
    for (int i = 0; i < FL_SINKS; i++) {
        fl_sink *sink = atomic_load(&writer->sinks[i]);
        if (sink == NULL)
            break;
        if (atomic_load(&sink->state) == FL_SINK_FREE ||
            atomic_load(&sink->drop_count) == 0)
            continue;
        if (sink->error == 0 && atomic_load(&sink->dropped_at) <= writer->position)
            fl_report_drops(writer, sink);
        else
            atomic_store(&writer->dropping, 1); /* later */
    }
    if (writer->queue != NULL) {
        write_all(writer);
        give_back(writer);
    }
}

static void rest(fl_writer *writer)
{
    for (int i = 0; i < FL_SINKS; i++) {
        fl_sink *sink = atomic_load(&writer->sinks[i]);
        if (sink == NULL)
            break;
        if (atomic_load(&sink->state) == FL_SINK_OPEN && sink->error == 0)
            fl_sink_rest(sink);
    }
}

static void *run(void *argument)
{
    fl_writer *writer = argument;
    fl_ring *ring = writer->ring;
    int naps = 0;
    while (true) {
        bool stopping = atomic_load(&writer->stopping) != 0;
        bool worked = collect(writer);
        int64_t due = retry(writer);
        tell_drops(writer);
        if (atomic_load(&writer->closings) != 0)
            close_sinks(writer);
        if (stopping && fl_ring_peek(ring) == writer->position)
            break;
        naps = worked ? 0 : naps + 1;
        int64_t time = naps <= NAPS ? NAP_NS : SLEEP_NS;
        if (due != INT64_MAX) {
            int64_t left = due - fl_monotonic_ns();
            time = left < 0 ? 0 : left < time ? left : time;
        }
        if (naps > NAPS)
            rest(writer);
        if (time > 0)
            fl_ring_sleep(ring, writer->position, naps <= NAPS, time);
    }
    atomic_store(&writer->ended, 1);
    fl_ring_progress(ring);
    return NULL;
}

int fl_writer_start(fl_writer *writer)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    if (writer->started)
        return 0;
    int status = pthread_attr_init(&attributes);
    if (status != 0)
        return -status;
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    /* Signals are for the threads that know Python. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    status = pthread_create(&writer->thread, &attributes, run, writer);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    if (status != 0)
        return -status;
    writer->started = true;
#ifdef __linux__
    pthread_setname_np(writer->thread, "fastlog-writer");
#endif
    return 0;
}

/* -- the callers' side -------------------------------------------------------------- */

static void count_twins(fl_writer *writer, fl_sink *sink, int change)
{
    for (int i = 0; i < FL_SINKS; i++) {
        fl_sink *other = atomic_load(&writer->sinks[i]);
        if (other == NULL)
            break;
        if (other == sink || atomic_load(&other->state) == FL_SINK_FREE ||
            other->device != sink->device || other->inode != sink->inode)
            continue;
        atomic_fetch_add(&other->twins, (uint32_t)change);
        atomic_fetch_add(&sink->twins, (uint32_t)change);
    }
}

int fl_writer_open_sink(fl_writer *writer, const fl_sink_options *options)
{
    for (uint32_t i = 0; i < FL_SINKS; i++) {
        fl_sink *sink = atomic_load(&writer->sinks[i]);
        bool made = sink == NULL;
        if (made) {
            sink = calloc(1, sizeof *sink);
            if (sink == NULL)
                return -ENOMEM;
            sink->fd = -1;
        } else if (atomic_load(&sink->state) != FL_SINK_FREE) {
            continue;
        }
        sink->id = i;
        int status = fl_sink_open(sink, options);
        if (status < 0) {
            if (made)
                free(sink);
            return status;
        }
        atomic_store(&sink->twins, 0);
        atomic_store(&sink->dropped_at, 0);
        atomic_store(&sink->state, FL_SINK_OPEN);
        /* A rotated file is another one: whoever may meet its successor is a twin. */
        count_twins(writer, sink, 1);
        atomic_store(&writer->sinks[i], sink);
        return (int)i;
    }
    return -EMFILE;
}

void fl_writer_close_sink(fl_writer *writer, uint32_t id)
{
    fl_sink *sink = atomic_load(&writer->sinks[id]);
    if (sink == NULL || atomic_load(&sink->state) != FL_SINK_OPEN)
        return;
    atomic_store(&sink->closing_at, fl_ring_tail(writer->ring));
    atomic_store(&sink->state, FL_SINK_CLOSING);
    atomic_fetch_add(&writer->closings, 1);
    if (writer->started)
        fl_ring_wake(writer->ring);
}

typedef struct flushing {
    const fl_sink *sink; /* NULL: all */
    const fl_writer *writer;
    uint64_t position;
} flushing;

static bool is_flushed(const fl_ring *ring, const void *argument)
{
    const flushing *what = argument;
    if (atomic_load(&what->writer->ended) != 0)
        return true; /* nobody will write any more */
    if (what->sink == NULL)
        return atomic_load_explicit(&ring->shared->head, memory_order_acquire) >=
               what->position;
    return atomic_load_explicit(&ring->shared->scanned, memory_order_acquire) >=
               what->position &&
           atomic_load(&what->sink->failing_from) >= what->position;
}

int fl_writer_flush(fl_writer *writer, int64_t id, int64_t timeout_ns)
{
    return fl_writer_flush_to(writer, id, fl_ring_tail(writer->ring), timeout_ns);
}

int fl_writer_flush_to(fl_writer *writer, int64_t id, uint64_t position,
                       int64_t timeout_ns)
{
    flushing what = {NULL, writer, position};
    if (id >= 0)
        what.sink = atomic_load(&writer->sinks[id]);
    int status = fl_ring_wait(writer->ring, is_flushed, &what, timeout_ns);
    if (status == 1 && atomic_load(&writer->ended) != 0)
        return atomic_load(&writer->ring->shared->head) >= what.position;
    return status;
}

static bool has_ended(const fl_ring *ring, const void *argument)
{
    (void)ring;
    return atomic_load(&((const fl_writer *)argument)->ended) != 0;
}

int fl_writer_stop(fl_writer *writer, int64_t timeout_ns)
{
    if (!writer->started)
        return 1;
    atomic_store(&writer->stopping, 1);
    int64_t end = fl_monotonic_ns() + timeout_ns;
    int64_t left = timeout_ns;
    int status = 0;
    while ((status = fl_ring_wait(writer->ring, has_ended, writer, left)) == -EINTR) {
        left = end - fl_monotonic_ns();
        left = left < 0 ? 0 : left;
    }
    if (status == 1)
        pthread_join(writer->thread, NULL);
    return status;
}

uint64_t fl_writer_left(const fl_writer *writer)
{
    uint64_t accepted = atomic_load(&writer->ring->shared->accepted);
    uint64_t written = atomic_load(&writer->ring->shared->written);
    return accepted > written ? accepted - written : 0;
}

void fl_writer_drop(fl_writer *writer, uint32_t id, int32_t level, uint32_t level_name)
{
    fl_sink *sink = atomic_load(&writer->sinks[id]);
    uint32_t used = atomic_load(&sink->drop_count);
    uint32_t i = 0;
    while (i < used && sink->drops[i].level != level)
        i++;
    if (i == FL_DROP_LEVELS) {
        i--; /* the last one counts the others */
        sink->drops[i].level_name = 0;
    }
    fl_drop *drop = &sink->drops[i];
    if (i == used) {
        drop->level = level;
        drop->level_name = level_name;
        atomic_store(&drop->count, 0);
    }
    atomic_fetch_add(&drop->count, 1);
    atomic_store(&sink->dropped_at, fl_ring_tail(writer->ring));
    atomic_store(&sink->drop_count, i == used ? used + 1 : used);
    atomic_store(&writer->dropping, 1);
}

void fl_writer_set_reporting(fl_writer *writer, bool on)
{
    atomic_store(&writer->reporting, on);
}

uint64_t fl_writer_last_error(const fl_writer *writer)
{
    return atomic_load(&writer->last_error);
}

bool fl_writer_is_alive(const fl_writer *writer)
{
    return writer->started && atomic_load(&writer->ended) == 0;
}

uint32_t fl_writer_reopened(const fl_writer *writer, uint32_t id)
{
    return atomic_load(&atomic_load(&writer->sinks[id])->reopened);
}

bool fl_writer_is_on(const fl_writer *writer, uint32_t id, uint64_t device,
                     uint64_t inode)
{
    const fl_sink *sink = atomic_load(&writer->sinks[id]);
    return atomic_load(&sink->device) == device && atomic_load(&sink->inode) == inode;
}

const char *fl_writer_path(const fl_writer *writer, uint32_t id)
{
    const fl_sink *sink = id < FL_SINKS ? atomic_load(&writer->sinks[id]) : NULL;
    return sink == NULL ? NULL : sink->path;
}
