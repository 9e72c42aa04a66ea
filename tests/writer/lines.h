/* A ring with its writer, numbered lines through it, and what the files then hold.
 *
 * Threads: lines_send as the ring's producer, under a lock if there are several; the
 * others in the main thread. Memory: lines_end gives all back. Waiting: without a limit
 * where none is named: what does not come ends in the time limit of the test run.
 */
#ifndef FL_TESTS_LINES_H
#define FL_TESTS_LINES_H

#include "_ring/rings.h"
#include "_writer/writer.h"

#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

enum { LINES_LONGEST = 256, LINES_PATH = 64, LINES_BACKUPS = 3 };

#define LINES_FOREVER INT64_C(-1)
#define LINES_HOUR_NS INT64_C(3600000000000)

typedef struct lines {
    fl_ring ring;
    fl_writer writer;
} lines;

static inline void lines_begin(lines *all)
{
    static const fl_clock clock = {.is_ns = true};
    CHECK_EQUAL(fl_ring_open(&all->ring, FL_RING_BYTES_LEAST), 0);
    fl_writer_init(&all->writer, &all->ring, &clock);
    CHECK_EQUAL(fl_writer_start(&all->writer), 0);
    CHECK(fl_writer_is_alive(&all->writer));
}

/* Ends with *left* lines that were never written. */
static inline void lines_end(lines *all, uint64_t left)
{
    CHECK_EQUAL(fl_writer_stop(&all->writer, LINES_HOUR_NS), 1);
    CHECK(!fl_writer_is_alive(&all->writer));
    CHECK_EQUAL(fl_writer_left(&all->writer), left);
    fl_writer_free(&all->writer);
    fl_ring_close(&all->ring);
}

/* A sink on *path*, made anew if *flags* say so; its id. */
static inline uint32_t lines_sink(lines *all, const char *path, int flags,
                                  const fl_sink_options *given)
{
    fl_sink_options options = {.kind = FL_SINK_STREAM, .end_size = 1};
    if (given != NULL)
        options = *given;
    options.path = path;
    options.fd = open(path, O_WRONLY | O_CLOEXEC | flags, 0600);
    CHECK(options.fd >= 0);
    int id = fl_writer_open_sink(&all->writer, &options);
    close(options.fd);
    CHECK(id >= 0);
    return (uint32_t)id;
}

static inline uint32_t lines_file(lines *all, const char *path)
{
    return lines_sink(all, path, O_CREAT | O_APPEND | O_TRUNC, NULL);
}

/* Line *number*: its digits, and filling whose length and letter change with it. */
static inline size_t lines_text(uint64_t number, char *out)
{
    char filling[LINES_LONGEST];
    size_t size = number * 7 % 120;
    memset(filling, (int)('a' + number % 26), sizeof filling);
    return (size_t)snprintf(out, LINES_LONGEST, "%llu %.*s\n",
                            (unsigned long long)number, (int)size, filling);
}

/* One finished line for *sink*; false if there is no room within *timeout_ns*. */
static inline bool lines_put(lines *all, uint32_t sink, const char *text, size_t size,
                             int64_t timeout_ns)
{
    size_t whole = sizeof(fl_frame) + sizeof(fl_head) + fl_padded(size);
    if (fl_ring_room(&all->ring, whole) < whole) {
        int status;
        do
            status = fl_ring_wait_for_room(&all->ring, whole, timeout_ns);
        while (status == -EINTR);
        if (status == 0)
            return false;
        CHECK(fl_ring_room(&all->ring, whole) >= whole);
    }
    char *place = fl_ring_place(&all->ring);
    fl_frame frame = {.size = (uint32_t)whole,
                      .kind = FL_FRAME_LINE,
                      .count = 1,
                      .level = 20,
                      .route = sink};
    fl_head head = {FL_TEXT, (uint32_t)size};
    memcpy(place, &frame, sizeof frame);
    memcpy(place + sizeof frame, &head, sizeof head);
    memcpy(place + sizeof frame + sizeof head, text, size);
    fl_ring_commit(&all->ring, whole, 1);
    if (fl_ring_is_asleep(&all->ring, false))
        fl_ring_wake(&all->ring);
    return true;
}

static inline void lines_send(lines *all, uint32_t sink, uint64_t number)
{
    char text[LINES_LONGEST];
    size_t size = lines_text(number, text);
    CHECK(lines_put(all, sink, text, size, LINES_FOREVER));
}

static inline void lines_send_many(lines *all, uint32_t sink, uint64_t first,
                                   uint64_t count)
{
    for (uint64_t number = first; number < first + count; number++)
        lines_send(all, sink, number);
}

/* All that was sent (to *sink*, unless negative) is written. */
static inline void lines_flush(lines *all, int64_t sink)
{
    int status;
    do
        status = fl_writer_flush(&all->writer, sink, LINES_FOREVER);
    while (status == -EINTR);
    CHECK_EQUAL(status, 1);
}

/* The whole of a file; *size* its length. To be freed. */
static inline char *lines_read(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    CHECK_EQUAL(fseek(file, 0, SEEK_END), 0);
    *size = (size_t)ftell(file);
    rewind(file);
    char *data = malloc(*size + 1);
    CHECK(data != NULL);
    CHECK_EQUAL(fread(data, 1, *size, file), *size);
    data[*size] = 0;
    fclose(file);
    return data;
}

/* *data* is the lines from *first* on, *count* of them, and nothing else. */
static inline void lines_are(const char *data, size_t size, uint64_t first,
                             uint64_t count)
{
    char text[LINES_LONGEST];
    size_t at = 0;
    for (uint64_t number = first; number < first + count; number++) {
        size_t length = lines_text(number, text);
        CHECK_TEXT(data + at, at + length <= size ? length : size - at, text);
        at += length;
    }
    CHECK_EQUAL(at, size);
}

static inline void lines_file_has(const char *path, uint64_t first, uint64_t count)
{
    size_t size = 0;
    char *data = lines_read(path, &size);
    lines_are(data, size, first, count);
    free(data);
}

/* *path* and its backups are what RotatingFileHandler leaves of the first *count* lines
 * with maxBytes *most*. */
static inline void lines_are_rotated(const char *path, uint64_t count, size_t most)
{
    char text[LINES_LONGEST];
    uint64_t first[LINES_BACKUPS + 1] = {0};
    size_t size = 0, rolls = 0;
    for (uint64_t number = 0; number < count; number++) {
        size_t length = lines_text(number, text);
        if (size + length >= most) {
            memmove(first + 1, first, sizeof first - sizeof *first);
            first[0] = number;
            size = 0;
            rolls++;
        }
        size += length;
    }
    CHECK(rolls > LINES_BACKUPS);
    uint64_t end = count;
    for (int i = 0; i <= LINES_BACKUPS; i++) {
        char name[LINES_PATH];
        snprintf(name, sizeof name, i == 0 ? "%s" : "%s.%d", path, i);
        lines_file_has(name, first[i], end - first[i]);
        end = first[i];
    }
}

#endif
