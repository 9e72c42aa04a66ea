/* writer.c: sinks that fail: their lines wait, are tried again, and stop nobody else. */
#define _GNU_SOURCE
#include "lines.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>

enum { LINES = 20000, SOME = 100 };

#define MS_NS INT64_C(1000000)

static uint64_t errors(const lines *all)
{
    fl_ring_numbers numbers;
    fl_ring_read_numbers(&all->ring, &numbers);
    return numbers.errors;
}

static void wait_for_errors(const lines *all, uint64_t count)
{
    while (errors(all) < count)
        poll(NULL, 0, 1);
}

static void fails_with(const lines *all, uint32_t sink, int error)
{
    CHECK_EQUAL(fl_writer_last_error(&all->writer),
                (uint64_t)sink << 32 | (uint32_t)error);
}

/* Files may not grow beyond *size*, as on a full disk. */
static void limit_files(rlim_t size)
{
    struct rlimit limit;
    CHECK_EQUAL(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = size < limit.rlim_max ? size : limit.rlim_max;
    CHECK_EQUAL(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* The others' flush is true, that of all and its own are not. */
static void a_full_device_keeps_its_own_lines_only(void)
{
    lines all;
    lines_begin(&all);
    uint32_t good = lines_file(&all, "good.log");
    uint32_t full = lines_sink(&all, "/dev/full", 0, NULL);
    for (uint64_t number = 0; number < SOME; number++) {
        lines_send(&all, good, number);
        lines_send(&all, full, number);
    }
    lines_flush(&all, good);
    lines_file_has("good.log", 0, SOME);
    wait_for_errors(&all, 3);
    fails_with(&all, full, ENOSPC);
    CHECK_EQUAL(fl_writer_flush(&all.writer, full, MS_NS), 0);
    CHECK_EQUAL(fl_writer_flush(&all.writer, -1, MS_NS), 0);
    lines_send_many(&all, good, SOME, SOME);
    lines_flush(&all, good);
    lines_file_has("good.log", 0, 2 * SOME);
    lines_end(&all, SOME);
}

/* A write that was cut in two goes on where it stopped. */
static void a_disk_with_room_again_gets_every_line_once(void)
{
    for (rlim_t size = 1000; size < 1200; size += 37) {
        lines all;
        lines_begin(&all);
        uint32_t sink = lines_file(&all, "disk.log");
        limit_files(size);
        lines_send_many(&all, sink, 0, SOME / 2);
        wait_for_errors(&all, 1);
        lines_send_many(&all, sink, SOME / 2, SOME / 2);
        CHECK_EQUAL(fl_writer_flush(&all.writer, sink, MS_NS), 0);
        fails_with(&all, sink, EFBIG);
        struct stat status;
        CHECK_EQUAL(stat("disk.log", &status), 0);
        CHECK_EQUAL(status.st_size, size);
        limit_files(RLIM_INFINITY);
        lines_flush(&all, sink);
        lines_file_has("disk.log", 0, SOME);
        lines_end(&all, 0);
    }
}

typedef struct sender {
    pthread_t thread;
    lines *all;
    uint32_t sink;
    _Atomic uint64_t sent;
} sender;

static void *send_all(void *argument)
{
    sender *me = argument;
    for (uint64_t number = 0; number < LINES; number++) {
        lines_send(me->all, me->sink, number);
        atomic_store(&me->sent, number + 1);
    }
    return NULL;
}

/* The ring is full of lines that wait; who logs waits too, and then all arrive. */
static void a_full_ring_waits_for_the_disk(void)
{
    lines all;
    lines_begin(&all);
    sender one = {.all = &all, .sink = lines_file(&all, "wait.log")};
    limit_files(4096);
    CHECK_EQUAL(pthread_create(&one.thread, NULL, send_all, &one), 0);
    while (atomic_load(&all.ring.shared->waiters) == 0)
        sched_yield();
    wait_for_errors(&all, 3);
    CHECK(atomic_load(&one.sent) < LINES);
    uint64_t left = fl_writer_left(&all.writer);
    CHECK(left > 0 && left < FL_RING_BYTES_LEAST / sizeof(fl_frame));
    limit_files(RLIM_INFINITY);
    CHECK_EQUAL(pthread_join(one.thread, NULL), 0);
    lines_flush(&all, -1);
    lines_file_has("wait.log", 0, LINES);
    lines_end(&all, 0);
}

/* Nor has a wait for room with a limit any more than that. */
static void without_room_a_line_is_refused_in_time(void)
{
    lines all;
    lines_begin(&all);
    uint32_t sink = lines_sink(&all, "/dev/full", 0, NULL);
    char text[LINES_LONGEST];
    uint64_t sent = 0;
    while (lines_put(&all, sink, text, lines_text(sent, text), MS_NS))
        sent++;
    CHECK(sent > 100);
    fl_ring_numbers numbers;
    fl_ring_read_numbers(&all.ring, &numbers);
    CHECK_EQUAL(numbers.accepted, sent);
    CHECK_EQUAL(numbers.written, 0);
    CHECK(numbers.used + LINES_LONGEST + 64 > FL_RING_BYTES_LEAST);
    lines_end(&all, sent);
}

typedef struct reader {
    pthread_t thread;
    int fd;
    uint64_t count;
} reader;

/* A few bytes at a time, with rests. */
static void *read_slowly(void *argument)
{
    reader *me = argument;
    size_t room = (size_t)me->count * LINES_LONGEST, size = 0;
    char *data = malloc(room);
    CHECK(data != NULL);
    ssize_t got;
    for (uint64_t i = 0; (got = read(me->fd, data + size, 1 + i % 997)) > 0; i++) {
        size += (size_t)got;
        if (i % 512 == 0)
            poll(NULL, 0, 3);
    }
    CHECK_EQUAL(got, 0);
    lines_are(data, size, 0, me->count);
    free(data);
    return NULL;
}

static uint32_t pipe_sink(lines *all, int *ends)
{
    CHECK_EQUAL(pipe2(ends, O_CLOEXEC), 0);
    CHECK(fcntl(ends[1], F_SETPIPE_SZ, 4096) >= 4096);
    fl_sink_options options = {.fd = ends[1], .end_size = 1, .path = "a pipe"};
    int sink = fl_writer_open_sink(&all->writer, &options);
    CHECK(sink >= 0);
    close(ends[1]);
    return (uint32_t)sink;
}

/* Its lines wait as those of a failing sink do, but it is none. */
static void a_slow_reader_of_a_pipe_gets_every_byte(void)
{
    lines all;
    lines_begin(&all);
    int ends[2];
    uint32_t sink = pipe_sink(&all, ends);
    uint32_t other = lines_file(&all, "other.log");
    reader slow = {.fd = ends[0], .count = LINES};
    lines_send_many(&all, sink, 0, SOME);
    lines_send_many(&all, other, 0, SOME);
    lines_flush(&all, other);
    CHECK_EQUAL(fl_writer_flush(&all.writer, sink, MS_NS), 0); /* nobody reads */
    CHECK_EQUAL(pthread_create(&slow.thread, NULL, read_slowly, &slow), 0);
    lines_send_many(&all, sink, SOME, LINES - SOME);
    lines_flush(&all, -1);
    CHECK_EQUAL(errors(&all), 0);
    CHECK_EQUAL(fl_writer_last_error(&all.writer), 0);
    lines_end(&all, 0);
    CHECK_EQUAL(pthread_join(slow.thread, NULL), 0);
    close(ends[0]);
}

/* No SIGPIPE, and the thread lives. */
static void a_broken_pipe_is_an_error_and_no_more(void)
{
    lines all;
    lines_begin(&all);
    int ends[2];
    uint32_t sink = pipe_sink(&all, ends);
    uint32_t other = lines_file(&all, "other.log");
    close(ends[0]);
    lines_send_many(&all, sink, 0, 10);
    wait_for_errors(&all, 2);
    fails_with(&all, sink, EPIPE);
    CHECK(fl_writer_is_alive(&all.writer));
    lines_send_many(&all, other, 0, SOME);
    lines_flush(&all, other);
    lines_file_has("other.log", 0, SOME);
    /* Nobody will ever read those: once closed, they do not fill the ring. */
    CHECK_EQUAL(fl_writer_flush(&all.writer, -1, MS_NS), 0);
    fl_writer_close_sink(&all.writer, sink);
    lines_flush(&all, -1);
    while (atomic_load(&atomic_load(&all.writer.sinks[sink])->state) != FL_SINK_FREE)
        poll(NULL, 0, 1);
    lines_end(&all, 10);
}

/* Closing does not lose what waits; the place is free when all is written. */
static void a_sink_may_be_closed_while_its_lines_wait(void)
{
    lines all;
    lines_begin(&all);
    uint32_t sink = lines_file(&all, "closing.log");
    limit_files(100);
    lines_send_many(&all, sink, 0, SOME);
    wait_for_errors(&all, 1);
    fl_writer_close_sink(&all.writer, sink);
    wait_for_errors(&all, 3);
    fl_sink *closing = atomic_load(&all.writer.sinks[sink]);
    CHECK_EQUAL(atomic_load(&closing->state), FL_SINK_CLOSING);
    CHECK(lines_file(&all, "next.log") != sink);
    limit_files(RLIM_INFINITY);
    while (atomic_load(&closing->state) != FL_SINK_FREE)
        poll(NULL, 0, 1);
    lines_file_has("closing.log", 0, SOME);
    CHECK_EQUAL(lines_file(&all, "again.log"), sink);
    lines_end(&all, 0);
}

static void a_folder_that_comes_back_gets_its_lines(void)
{
    fl_sink_options options = {.kind = FL_SINK_WATCHED, .end_size = 1};
    lines all;
    lines_begin(&all);
    CHECK_EQUAL(mkdir("folder", 0700), 0);
    uint32_t sink = lines_sink(&all, "folder/one.log", O_CREAT | O_APPEND, &options);
    lines_send_many(&all, sink, 0, SOME);
    lines_flush(&all, sink);
    CHECK_EQUAL(rename("folder", "gone"), 0);
    lines_send_many(&all, sink, SOME, SOME);
    wait_for_errors(&all, 2);
    fails_with(&all, sink, ENOENT);
    CHECK_EQUAL(mkdir("folder", 0700), 0);
    lines_flush(&all, sink);
    lines_file_has("gone/one.log", 0, SOME);
    lines_file_has("folder/one.log", SOME, SOME);
    lines_end(&all, 0);
}

static void failures_are_said_once_and_only_if_wanted(void)
{
    for (int wanted = 0; wanted < 2; wanted++) {
        fflush(stderr);
        int before = dup(STDERR_FILENO);
        int said = open("said.txt", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        CHECK(before >= 0 && dup2(said, STDERR_FILENO) >= 0);
        lines all;
        lines_begin(&all);
        fl_writer_set_reporting(&all.writer, wanted);
        uint32_t sink = lines_sink(&all, "/dev/full", 0, NULL);
        lines_send_many(&all, sink, 0, 3);
        wait_for_errors(&all, 5);
        lines_end(&all, 3);
        CHECK(dup2(before, STDERR_FILENO) >= 0);
        close(before);
        close(said);
        size_t size = 0;
        char *data = lines_read("said.txt", &size);
        CHECK_TEXT(data, size,
                   wanted ? "fastlog: cannot write to /dev/full: No space left on "
                            "device; its lines wait, and are tried again\n"
                          : "");
        free(data);
    }
}

/* What was dropped is said behind the lines that were in the ring at the time. */
static void dropped_lines_are_counted_in_the_log(void)
{
    lines all;
    lines_begin(&all);
    uint32_t sink = lines_file(&all, "drops.log");
    limit_files(50);
    uint32_t level = fl_dictionary_add(&all.ring, FL_ENTRY_TEXT, "INFO", 4);
    lines_send_many(&all, sink, 0, SOME);
    wait_for_errors(&all, 1);
    for (int i = 0; i < 7; i++)
        fl_writer_drop(&all.writer, sink, 20, level);
    for (int i = 0; i < 3; i++)
        fl_writer_drop(&all.writer, sink, 35, 0);
    limit_files(RLIM_INFINITY);
    lines_flush(&all, sink);
    fl_ring_numbers numbers;
    fl_ring_read_numbers(&all.ring, &numbers);
    CHECK_EQUAL(numbers.accepted, SOME);
    CHECK_EQUAL(numbers.written, SOME);
    lines_end(&all, 0);
    size_t size = 0;
    char *data = lines_read("drops.log", &size);
    static const char last[] =
        "10 records dropped, the ring was full: 7 INFO, 3 other\n";
    CHECK(size > sizeof last);
    size_t before = size - (sizeof last - 1);
    CHECK_TEXT(data + before, sizeof last - 1, last);
    lines_are(data, before, 0, SOME);
    free(data);
}

/* The disk is full in the middle of a file, and room comes before the next. */
static void files_rotate_the_same_after_a_failure(void)
{
    fl_sink_options options = {.kind = FL_SINK_ROTATING,
                               .end_size = 1,
                               .backups = LINES_BACKUPS,
                               .max_bytes = 1500};
    lines all;
    lines_begin(&all);
    uint32_t sink = lines_sink(&all, "turn.log", O_CREAT | O_APPEND, &options);
    for (uint64_t round = 0; round < 10; round++) {
        uint64_t before = errors(&all);
        limit_files(700 + 50 * round);
        lines_send_many(&all, sink, round * SOME, SOME);
        wait_for_errors(&all, before + 1);
        limit_files(RLIM_INFINITY);
        lines_flush(&all, sink);
        lines_are_rotated("turn.log", (round + 1) * SOME, options.max_bytes);
    }
    lines_end(&all, 0);
}

/* Several sinks fail and recover, each at its own time, in a ring that goes round. */
static void sinks_recover_one_by_one(void)
{
    lines all;
    lines_begin(&all);
    fl_sink_options options = {.kind = FL_SINK_WATCHED, .end_size = 1};
    uint32_t sinks[3];
    char path[LINES_PATH];
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "part%d", i);
        CHECK_EQUAL(mkdir(path, 0700), 0);
        snprintf(path, sizeof path, "part%d/one.log", i);
        sinks[i] = lines_sink(&all, path, O_CREAT | O_APPEND, &options);
        snprintf(path, sizeof path, "part%d", i);
        CHECK_EQUAL(rename(path, "away"), 0); /* empty: nothing was written */
        CHECK_EQUAL(unlink("away/one.log"), 0);
        CHECK_EQUAL(rmdir("away"), 0);
    }
    uint64_t number = 0;
    for (int i = 0; i < 3; i++) {
        for (int more = 0; more < 50; more++, number++)
            for (int j = 0; j < 3; j++)
                lines_send(&all, sinks[j], number);
        snprintf(path, sizeof path, "part%d", i);
        CHECK_EQUAL(mkdir(path, 0700), 0);
        lines_flush(&all, sinks[i]);
        CHECK_EQUAL(fl_writer_flush(&all.writer, -1, MS_NS), i == 2);
    }
    lines_flush(&all, -1);
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "part%d/one.log", i);
        lines_file_has(path, 0, number);
    }
    lines_end(&all, 0);
}

int main(void)
{
    a_full_device_keeps_its_own_lines_only();
    a_disk_with_room_again_gets_every_line_once();
    a_full_ring_waits_for_the_disk();
    without_room_a_line_is_refused_in_time();
    a_slow_reader_of_a_pipe_gets_every_byte();
    a_broken_pipe_is_an_error_and_no_more();
    a_sink_may_be_closed_while_its_lines_wait();
    a_folder_that_comes_back_gets_its_lines();
    failures_are_said_once_and_only_if_wanted();
    dropped_lines_are_counted_in_the_log();
    files_rotate_the_same_after_a_failure();
    sinks_recover_one_by_one();
    return 0;
}
