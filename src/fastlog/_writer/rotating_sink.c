/* Rotation by size: the decisions and the names of RotatingFileHandler. */
#define _GNU_SOURCE
#include "_writer/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0;
}

static bool is_no_file(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

bool fl_sink_is_full(fl_sink *sink, const char *line, size_t size)
{
    if (sink->max_bytes <= 0)
        return false;
    if (sink->position < 0) {
        off_t end = sink->fd < 0 ? -1 : lseek(sink->fd, 0, SEEK_END);
        if (end < 0)
            return false;
        sink->position = (int64_t)end - (int64_t)sink->taken;
    }
    /* The line itself is the last part of the batch. */
    int64_t before = sink->position + (int64_t)(sink->batch.size - size);
    if (before == 0 && sink->empty_stays)
        return false;
    /* The standard library counts the characters of the text and a newline. */
    size_t text = size < sink->end_size ? 0 : size - sink->end_size;
    int64_t more = (int64_t)fl_code_points(line, text) + 1;
    return before + more >= sink->max_bytes && !is_no_file(sink->path);
}

static int move_over(const char *from, const char *to)
{
    if (exists(to) && unlink(to) < 0)
        return -errno;
    return rename(from, to) < 0 ? -errno : 0;
}

int fl_sink_roll(fl_sink *sink)
{
    size_t size = strlen(sink->path) + 16;
    char *from = malloc(2 * size);
    if (from == NULL)
        return -ENOMEM;
    char *to = from + size;
    int status = 0;
    for (int32_t i = sink->backups - 1; i > 0 && status == 0; i--) {
        snprintf(from, size, "%s.%d", sink->path, (int)i);
        snprintf(to, size, "%s.%d", sink->path, (int)i + 1);
        if (exists(from))
            status = move_over(from, to);
    }
    if (sink->backups > 0 && status == 0) {
        snprintf(to, size, "%s.1", sink->path);
        if (exists(sink->path))
            status = move_over(sink->path, to);
        else if (exists(to) && unlink(to) < 0)
            status = -errno;
    }
    free(from);
    fl_sink_drop_fd(sink);
    sink->position = -1;
    int opened = fl_sink_reopen(sink); /* if that fails, the next write tries again */
    return status < 0 ? status : opened;
}
