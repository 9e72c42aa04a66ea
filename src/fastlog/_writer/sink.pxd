# Where a line goes, see sink.h.

cdef extern from "_writer/sink.h":
    int fl_file_write(int, const char *, size_t, size_t *) noexcept nogil
