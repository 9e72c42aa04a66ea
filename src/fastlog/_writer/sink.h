/* Where lines go: a descriptor of our own, and the batch that is to be written to it.
 *
 * Threads: the caller opens a sink and asks for its closing; all else is the writer's,
 * but for the atomic words. Memory: the batch grows to one batch or one line, whichever
 * is more, and is given back when the sink falls idle. Waiting: fl_sink_write waits for
 * a disk, never for the reader of a pipe.
 * Functions return 0 or more, or a negated errno.
 */
#ifndef FL_SINK_H
#define FL_SINK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "_writer/text.h"

/* One write(2) of *size* bytes; a short write is continued. Returns 0 when the
 * kernel has all of it, else a negated errno; *written* tells how much it took.
 * EINTR is returned, not retried: the caller may have signal handlers to run. */
int fl_file_write(int fd, const char *data, size_t size, size_t *written);

enum { FL_BATCH_BYTES = 1 << 16, FL_DROP_LEVELS = 8 };

enum fl_sink_kind {
    FL_SINK_STREAM,   /* the descriptor as it is */
    FL_SINK_WATCHED,  /* ... until its path leads to another file */
    FL_SINK_ROTATING, /* ... until the next line would make it too long */
};

enum fl_sink_state { FL_SINK_FREE, FL_SINK_OPEN, FL_SINK_CLOSING };

typedef struct fl_sink_options {
    int fd; /* duplicated; stays the caller's */
    uint32_t kind;
    const char *path;  /* copied; what reports and reopening name */
    uint32_t end_size; /* bytes that end each line, which do not count for max_bytes */
    int32_t backups;
    int64_t max_bytes;
    bool empty_stays; /* an empty file is never rolled over */
} fl_sink_options;

/* Lines of one level that found the ring full. */
typedef struct fl_drop {
    _Atomic uint64_t count;
    int32_t level;
    _Atomic uint32_t level_name; /* id */
} fl_drop;

typedef struct fl_sink {
    _Atomic uint32_t state;
    _Atomic uint64_t closing_at;   /* position after its last frame */
    _Atomic uint64_t failing_from; /* position of its first unwritten frame, or MAX */
    _Atomic uint64_t dropped_at;   /* position at which the last line was dropped */
    _Atomic uint32_t drop_count;   /* entries of `drops` in use */
    _Atomic uint32_t twins;        /* others on the same file */
    _Atomic uint32_t reopened;     /* times the writer opened the path anew */
    fl_drop drops[FL_DROP_LEVELS];
    uint32_t id;
    /* Set by fl_sink_open. */
    uint32_t kind;
    uint32_t end_size;
    int32_t backups;
    int64_t max_bytes;
    bool empty_stays;
    bool regular; /* a file that write() does not wait for */
    bool polled;  /* ... and the kernel cannot be asked not to wait */
    char *path;
    _Atomic uint64_t device, inode;
    int origin; /* the descriptor that ours duplicates */
    uint64_t origin_device, origin_inode;
    /* The writer's. */
    int fd; /* -1: to be opened by its path */
    fl_buffer batch;
    size_t taken;   /* bytes of the batch that the kernel has */
    uint32_t *ends; /* of the lines in the batch, offsets */
    uint32_t lines, line_room;
    uint32_t lines_taken; /* how many of them the kernel has */
    uint64_t batch_from;  /* position of the first frame in the batch */
    uint64_t batch_to;    /* ... of the last one: failing, it goes on there, */
    uint32_t batch_done;  /* ... after this many of its targets */
    int64_t position;     /* ROTATING: length of the file before the batch; -1: ask */
    int error;            /* errno of the failure that lasts; 0: none */
    bool broke;           /* it failed (again) */
    bool lost;            /* given up: what comes for it is passed over */
    int64_t retry_at_ns, retry_after_ns, reported_at_ns;
    struct fl_sink *next; /* among those with a batch */
    bool queued;
    /* How its last record was formatted, for what the writer itself has to say. */
    uint64_t edition; /* of the dictionary that these are ids of */
    uint32_t program, time_format;
    uint16_t flags;
} fl_sink;

int fl_sink_open(fl_sink *sink, const fl_sink_options *options);
void fl_sink_close(fl_sink *sink);
void fl_sink_drop_fd(fl_sink *sink);

/* Nothing waits: if the program has closed its descriptor, close ours. */
void fl_sink_rest(fl_sink *sink);

/* Note that a line ends where the batch does. */
int fl_sink_end_line(fl_sink *sink);

/* Give the batch to the kernel: 0 when it has all of it. -EAGAIN: a pipe is full. Adds
 * to *bytes* and *lines* what it took. */
int fl_sink_write(fl_sink *sink, _Atomic uint64_t *bytes, _Atomic uint64_t *lines);

/* Whether a line of *size* bytes, its end included, wants the next file first. */
bool fl_sink_is_full(fl_sink *sink, const char *line, size_t size);

/* Open the path for appending. */
int fl_sink_reopen(fl_sink *sink);

/* Rename the files and open the path anew, as RotatingFileHandler.doRollover does. */
int fl_sink_roll(fl_sink *sink);

#endif
