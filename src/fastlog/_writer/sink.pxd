# Where a line goes, see sink.h.

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

cdef extern from "_writer/sink.h":
    enum: FL_SINK_STREAM, FL_SINK_WATCHED, FL_SINK_ROTATING
    ctypedef struct fl_sink_options:
        int fd
        uint32_t kind
        const char *path
        uint32_t end_size
        int32_t backups
        int64_t max_bytes
        bint empty_stays
    int fl_file_write(int, const char *, size_t, size_t *) noexcept nogil
