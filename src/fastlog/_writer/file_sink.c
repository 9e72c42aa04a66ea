#define _GNU_SOURCE
#include "_writer/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PIPE_BYTES = 4096 }; /* POSIX: this much a writable pipe takes at once */

int fl_file_write(int fd, const char *data, size_t size, size_t *written)
{
    *written = 0;
    while (*written < size) {
        ssize_t count = write(fd, data + *written, size - *written);
        if (count < 0)
            return -errno;
        if (count == 0)
            return -EIO;
        *written += (size_t)count;
    }
    return 0;
}

static int identify(fl_sink *sink)
{
    struct stat status;
    if (fstat(sink->fd, &status) < 0)
        return -errno;
    atomic_store(&sink->device, (uint64_t)status.st_dev);
    atomic_store(&sink->inode, (uint64_t)status.st_ino);
    sink->regular = S_ISREG(status.st_mode);
    return 0;
}

int fl_sink_open(fl_sink *sink, const fl_sink_options *options)
{
    int fd = fcntl(options->fd, F_DUPFD_CLOEXEC, 3);
    if (fd < 0)
        return -errno;
    sink->fd = fd;
    int status = identify(sink);
    sink->origin = options->fd;
    sink->origin_device = atomic_load(&sink->device);
    sink->origin_inode = atomic_load(&sink->inode);
    char *path = strdup(options->path);
    if (path == NULL)
        status = -ENOMEM;
    if (status < 0) {
        sink->fd = -1;
        close(fd);
        free(path);
        return status;
    }
    free(sink->path); /* of who had this place before */
    sink->path = path;
    sink->polled = false;
    sink->lost = false;
    sink->kind = options->kind;
    sink->end_size = options->end_size;
    sink->max_bytes = options->max_bytes;
    sink->backups = options->backups;
    sink->empty_stays = options->empty_stays;
    fl_buffer_init(&sink->batch);
    sink->taken = 0;
    sink->lines = 0;
    sink->lines_taken = 0;
    sink->position = -1;
    sink->error = 0;
    sink->retry_after_ns = 0;
    sink->reported_at_ns = 0;
    sink->program = 0;
    sink->queued = false;
    sink->next = NULL;
    atomic_store(&sink->reopened, 0);
    atomic_store(&sink->failing_from, UINT64_MAX);
    atomic_store(&sink->drop_count, 0);
    return 0;
}

void fl_sink_drop_fd(fl_sink *sink)
{
    int fd = sink->fd;
    sink->fd = -1; /* first: a fork in between must not close it again */
    if (fd >= 0)
        close(fd);
}

void fl_sink_close(fl_sink *sink)
{
    fl_sink_drop_fd(sink);
    fl_buffer_free(&sink->batch);
    free(sink->ends);
    sink->ends = NULL;
    sink->lines = sink->line_room = sink->lines_taken = 0;
}

int fl_sink_reopen(fl_sink *sink)
{
    int fd = open(sink->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (fd < 0)
        return -errno;
    sink->fd = fd;
    sink->position = -1;
    atomic_fetch_add(&sink->reopened, 1);
    return identify(sink);
}

/* WatchedFileHandler.reopenIfNeeded */
static void look_at_path(fl_sink *sink)
{
    struct stat status;
    if (stat(sink->path, &status) == 0) {
        if ((uint64_t)status.st_dev == sink->device &&
            (uint64_t)status.st_ino == sink->inode)
            return;
    } else if (errno != ENOENT) {
        return;
    }
    fl_sink_drop_fd(sink);
}

/* Whether the descriptor is still what it was: a program may close all that it does not
 * know, and the number may name another file by now. */
static int check_fd(fl_sink *sink)
{
    struct stat status;
    if (fstat(sink->fd, &status) == 0 &&
        (uint64_t)status.st_dev == atomic_load(&sink->device) &&
        (uint64_t)status.st_ino == atomic_load(&sink->inode))
        return 0;
    if (sink->path[0] != '/')
        return -EBADF;
    sink->fd = -1; /* not ours to close */
    return 0;
}

/* Whether the descriptor that ours duplicates is what it was. */
static bool has_origin(const fl_sink *sink, struct stat *status)
{
    return fstat(sink->origin, status) == 0 &&
           (uint64_t)status->st_dev == sink->origin_device &&
           (uint64_t)status->st_ino == sink->origin_inode;
}

/* A daemon puts other files under the standard streams: they are written to then. */
static int follow_origin(fl_sink *sink)
{
    struct stat status;
    if (sink->origin > STDERR_FILENO || sink->kind != FL_SINK_STREAM ||
        has_origin(sink, &status) || fstat(sink->origin, &status) < 0)
        return 0;
    int fd = fcntl(sink->origin, F_DUPFD_CLOEXEC, 3);
    if (fd < 0)
        return -errno;
    fl_sink_drop_fd(sink);
    sink->fd = fd;
    sink->origin_device = (uint64_t)status.st_dev;
    sink->origin_inode = (uint64_t)status.st_ino;
    return identify(sink);
}

void fl_sink_rest(fl_sink *sink)
{
    struct stat status;
    /* A reader waits for the end of a pipe; nobody does for that of a file. */
    if (sink->fd >= 0 && !sink->regular && sink->batch.size == 0 &&
        sink->origin > STDERR_FILENO && !has_origin(sink, &status))
        fl_sink_drop_fd(sink);
}

/* A pipe, a terminal or a socket: write what it takes without waiting, whole lines if
 * possible, as other processes may write there too. */
static ssize_t write_at_once(fl_sink *sink, const char *data, size_t size)
{
    if (size > PIPE_BYTES) {
        const char *end = memrchr(data, '\n', PIPE_BYTES);
        size = end == NULL ? PIPE_BYTES : (size_t)(end - data) + 1;
    }
#ifdef RWF_NOWAIT
    if (!sink->polled) {
        struct iovec part = {(char *)data, size};
        ssize_t count = pwritev2(sink->fd, &part, 1, -1, RWF_NOWAIT);
        if (count >= 0 || (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL))
            return count;
        sink->polled = true;
    }
#endif
    struct pollfd question = {.fd = sink->fd, .events = POLLOUT};
    int ready = poll(&question, 1, 0);
    if (ready == 0)
        errno = EAGAIN;
    /* An error or a hang-up is for write() to name. */
    return ready <= 0 ? -1 : write(sink->fd, data, size);
}

int fl_sink_end_line(fl_sink *sink)
{
    if (sink->lines == sink->line_room) {
        uint32_t room = sink->line_room == 0 ? 1024 : 2 * sink->line_room;
        uint32_t *ends = realloc(sink->ends, room * sizeof *ends);
        if (ends == NULL)
            return -ENOMEM;
        sink->ends = ends;
        sink->line_room = room;
    }
    sink->ends[sink->lines++] = (uint32_t)sink->batch.size;
    return 0;
}

/* Count the lines that are with the kernel as a whole. */
static void count_taken(fl_sink *sink, _Atomic uint64_t *lines)
{
    uint32_t before = sink->lines_taken;
    while (sink->lines_taken < sink->lines &&
           sink->ends[sink->lines_taken] <= sink->taken)
        sink->lines_taken++;
    atomic_fetch_add_explicit(lines, sink->lines_taken - before, memory_order_relaxed);
}

int fl_sink_write(fl_sink *sink, _Atomic uint64_t *bytes, _Atomic uint64_t *lines)
{
    if (sink->kind == FL_SINK_WATCHED && sink->fd >= 0 && sink->taken == 0)
        look_at_path(sink);
    int status = sink->taken == 0 ? follow_origin(sink) : 0;
    if (status == 0 && sink->fd >= 0)
        status = check_fd(sink);
    if (status < 0)
        return status;
    if (sink->fd < 0 && sink->kind == FL_SINK_STREAM && sink->path[0] != '/')
        return -EBADF;
    if (sink->fd < 0) {
        status = fl_sink_reopen(sink);
        if (status < 0)
            return status;
    }
    while (sink->taken < sink->batch.size) {
        const char *data = sink->batch.data + sink->taken;
        size_t size = sink->batch.size - sink->taken;
        ssize_t count = sink->regular ? write(sink->fd, data, size)
                                      : write_at_once(sink, data, size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return count < 0 ? -errno : -EIO;
        sink->taken += (size_t)count;
        count_taken(sink, lines);
        atomic_fetch_add_explicit(bytes, (uint64_t)count, memory_order_relaxed);
    }
    sink->position = -1; /* others may append too */
    sink->batch.size = 0;
    sink->taken = 0;
    sink->lines = 0;
    sink->lines_taken = 0;
    return 0;
}
