#include "_writer/sink.h"

#include <errno.h>
#include <unistd.h>

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
