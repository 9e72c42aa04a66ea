/* Where a line goes.
 *
 * Threads: the caller keeps others away from the descriptor (the handler's lock).
 * Memory: none. Waiting: write() may block; call without the GIL.
 */
#ifndef FL_SINK_H
#define FL_SINK_H

#include <stddef.h>

/* One write(2) of *size* bytes; a short write is continued. Returns 0 when the
 * kernel has all of it, else a negated errno; *written* tells how much it took.
 * EINTR is returned, not retried: the caller may have signal handlers to run. */
int fl_file_write(int fd, const char *data, size_t size, size_t *written);

#endif
