/* file_sink.c: all of a line or an error, and how much the kernel took of it. */
#define _GNU_SOURCE /* F_GETPIPE_SZ, pipe2, mkostemp */
#include "_writer/sink.h"

#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { LINE = 1 << 20, PAUSE_MS = 1 };

/* A pattern that shows a byte lost, twice or out of its place. */
static char line[LINE];
static char read_back[LINE];

/* A writer in a thread of its own, which closes *fd* at the end: who reads on then
 * fails instead of waiting. */
typedef struct writer {
    pthread_t thread;
    int fd;
    int status;
    size_t written;
    atomic_bool done;
} writer;

static atomic_int signals_seen;

static void note_signal(int number)
{
    (void)number;
    /* relaxed: only counted; nothing else is published by it. */
    atomic_fetch_add_explicit(&signals_seen, 1, memory_order_relaxed);
}

static void pause_a_moment(void)
{
    poll(NULL, 0, PAUSE_MS);
}

static void *write_line(void *argument)
{
    writer *me = argument;
    me->status = fl_file_write(me->fd, line, LINE, &me->written);
    close(me->fd);
    /* release: pairs with the acquire in is_done; status and written are final. */
    atomic_store_explicit(&me->done, true, memory_order_release);
    return NULL;
}

static bool is_done(writer *one)
{
    /* acquire: pairs with the release in write_line. */
    return atomic_load_explicit(&one->done, memory_order_acquire);
}

static void start_writing(writer *one, int fd)
{
    memset(one, 0, sizeof *one);
    one->fd = fd;
    CHECK_EQUAL(pthread_create(&one->thread, NULL, write_line, one), 0);
}

/* Read *size* bytes of the line, which begin at *from*, in pieces of at most *most*. */
static void read_line(int fd, size_t from, size_t size, size_t most)
{
    for (size_t end = from + size; from < end;) {
        size_t piece = end - from < most ? end - from : most;
        ssize_t count = read(fd, read_back + from, piece);
        CHECK(count > 0);
        CHECK(memcmp(read_back + from, line + from, (size_t)count) == 0);
        from += (size_t)count;
    }
}

static size_t open_pipe(int ends[2], int flags)
{
    CHECK_EQUAL(pipe2(ends, flags), 0);
    int capacity = fcntl(ends[1], F_GETPIPE_SZ);
    CHECK(capacity > 0 && 2 * capacity < LINE);
    return (size_t)capacity;
}

/* Now the writer waits in write(2), or is about to, with *capacity* bytes taken. */
static void wait_until_full(int fd, size_t capacity)
{
    int held = 0;
    while ((size_t)held < capacity) {
        CHECK_EQUAL(ioctl(fd, FIONREAD, &held), 0);
        pause_a_moment();
    }
}

static void a_line_longer_than_the_pipe_arrives_whole(void)
{
    int ends[2];
    open_pipe(ends, 0);
    writer one;
    start_writing(&one, ends[1]);
    read_line(ends[0], 0, LINE, 4099); /* never a whole page */
    CHECK_EQUAL(pthread_join(one.thread, NULL), 0);
    CHECK_EQUAL(one.status, 0);
    CHECK_EQUAL(one.written, LINE);
    close(ends[0]);
}

/* The signal makes write(2) return what it has; the rest must follow. */
static void a_write_cut_short_by_a_signal_is_continued(void)
{
    int ends[2];
    size_t capacity = open_pipe(ends, 0);
    atomic_store_explicit(&signals_seen, 0, memory_order_relaxed);
    writer one;
    start_writing(&one, ends[1]);
    wait_until_full(ends[0], capacity);
    CHECK_EQUAL(pthread_kill(one.thread, SIGUSR1), 0);
    while (atomic_load_explicit(&signals_seen, memory_order_relaxed) == 0)
        pause_a_moment();
    read_line(ends[0], 0, LINE, LINE);
    CHECK_EQUAL(pthread_join(one.thread, NULL), 0);
    CHECK_EQUAL(one.status, 0);
    CHECK_EQUAL(one.written, LINE);
    close(ends[0]);
}

/* The first signal cuts a write short; one that finds nothing taken is reported. */
static void an_interrupted_wait_is_the_callers_to_resume(void)
{
    int ends[2];
    size_t capacity = open_pipe(ends, 0);
    writer one;
    start_writing(&one, ends[1]);
    wait_until_full(ends[0], capacity);
    while (!is_done(&one)) {
        CHECK_EQUAL(pthread_kill(one.thread, SIGUSR1), 0);
        pause_a_moment();
    }
    CHECK_EQUAL(pthread_join(one.thread, NULL), 0);
    CHECK_EQUAL(one.status, -EINTR);
    CHECK_EQUAL(one.written, capacity);
    read_line(ends[0], 0, capacity, LINE);
    close(ends[0]);
}

/* Called again with the rest after each -EAGAIN, the whole line arrives. */
static void a_full_pipe_tells_how_much_it_took(void)
{
    int ends[2];
    size_t capacity = open_pipe(ends, O_NONBLOCK);
    size_t sent = 0, written = 77;
    int status, refusals = 0;
    while ((status = fl_file_write(ends[1], line + sent, LINE - sent, &written)) != 0) {
        CHECK_EQUAL(status, -EAGAIN);
        CHECK_EQUAL(written, capacity);
        refusals++;
        size_t more = 77;
        CHECK_EQUAL(fl_file_write(ends[1], line, 1, &more), -EAGAIN);
        CHECK_EQUAL(more, 0);
        read_line(ends[0], sent, written, LINE);
        sent += written;
    }
    CHECK_EQUAL(sent + written, LINE);
    CHECK(refusals >= 2);
    read_line(ends[0], sent, written, LINE);
    CHECK(read(ends[0], read_back, 1) < 0 && errno == EAGAIN);
    close(ends[0]);
    close(ends[1]);
}

static void a_pipe_that_nobody_reads_is_an_error(void)
{
    int ends[2];
    open_pipe(ends, 0);
    close(ends[0]);
    size_t written = 77;
    CHECK_EQUAL(fl_file_write(ends[1], "line\n", 5, &written), -EPIPE);
    CHECK_EQUAL(written, 0);
    close(ends[1]);
}

/* The reader leaves while the writer waits: what it took before counts as taken. */
static void a_reader_that_leaves_is_an_error(void)
{
    int ends[2];
    size_t capacity = open_pipe(ends, 0);
    writer one;
    start_writing(&one, ends[1]);
    wait_until_full(ends[0], capacity);
    close(ends[0]);
    CHECK_EQUAL(pthread_join(one.thread, NULL), 0);
    CHECK_EQUAL(one.status, -EPIPE);
    CHECK_EQUAL(one.written, capacity);
}

static void a_descriptor_that_cannot_be_written_is_an_error(void)
{
    int ends[2];
    open_pipe(ends, 0);
    size_t written = 77;
    CHECK_EQUAL(fl_file_write(-1, "line\n", 5, &written), -EBADF);
    CHECK_EQUAL(written, 0);
    written = 77;
    CHECK_EQUAL(fl_file_write(ends[0], "line\n", 5, &written), -EBADF);
    CHECK_EQUAL(written, 0);
    close(ends[0]);
    close(ends[1]);
    written = 77;
    CHECK_EQUAL(fl_file_write(ends[1], "line\n", 5, &written), -EBADF);
    CHECK_EQUAL(written, 0);
}

static void a_full_device_is_an_error(void)
{
    int fd = open("/dev/full", O_WRONLY);
    CHECK(fd >= 0);
    size_t written = 77;
    CHECK_EQUAL(fl_file_write(fd, "line\n", 5, &written), -ENOSPC);
    CHECK_EQUAL(written, 0);
    close(fd);
}

/* The limit makes the first write(2) short, and the second fail. */
static void a_file_at_its_limit_tells_how_much_it_took(void)
{
    char name[] = "limited-XXXXXX";
    int fd = mkostemp(name, O_APPEND);
    CHECK(fd >= 0);
    CHECK_EQUAL(unlink(name), 0);
    struct rlimit before, limit;
    CHECK_EQUAL(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = LINE / 2 + 7;
    size_t written = 77;
    CHECK_EQUAL(setrlimit(RLIMIT_FSIZE, &limit), 0);
    int status = fl_file_write(fd, line, LINE, &written);
    CHECK_EQUAL(setrlimit(RLIMIT_FSIZE, &before), 0);
    CHECK_EQUAL(status, -EFBIG);
    CHECK_EQUAL(written, LINE / 2 + 7);

    CHECK_EQUAL(fl_file_write(fd, line + written, LINE - written, &written), 0);
    CHECK_EQUAL(written, LINE - (LINE / 2 + 7));
    CHECK_EQUAL(lseek(fd, 0, SEEK_SET), 0);
    read_line(fd, 0, LINE, LINE);
    CHECK_EQUAL(read(fd, read_back, 1), 0);
    close(fd);
}

static void nothing_to_write_asks_the_kernel_nothing(void)
{
    size_t written = 77;
    CHECK_EQUAL(fl_file_write(-1, NULL, 0, &written), 0);
    CHECK_EQUAL(written, 0);
}

int main(void)
{
    alarm(60); /* what waits for ever fails, too */
    for (size_t i = 0; i < LINE; i++)
        line[i] = (char)(i % 251);
    /* Without SA_RESTART: the kernel must not hide an interruption. */
    struct sigaction noted = {.sa_handler = note_signal};
    struct sigaction ignored = {.sa_handler = SIG_IGN};
    CHECK_EQUAL(sigaction(SIGUSR1, &noted, NULL), 0);
    CHECK_EQUAL(sigaction(SIGPIPE, &ignored, NULL), 0);
    CHECK_EQUAL(sigaction(SIGXFSZ, &ignored, NULL), 0);

    a_line_longer_than_the_pipe_arrives_whole();
    a_write_cut_short_by_a_signal_is_continued();
    an_interrupted_wait_is_the_callers_to_resume();
    a_full_pipe_tells_how_much_it_took();
    a_pipe_that_nobody_reads_is_an_error();
    a_reader_that_leaves_is_an_error();
    a_descriptor_that_cannot_be_written_is_an_error();
    a_full_device_is_an_error();
    a_file_at_its_limit_tells_how_much_it_took();
    nothing_to_write_asks_the_kernel_nothing();
    return 0;
}
