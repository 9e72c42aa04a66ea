# The thread that writes, see writer.h.

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

from fastlog._ring.ring cimport fl_ring
from fastlog._writer.sink cimport fl_sink_options

cdef extern from "_writer/writer.h":
    ctypedef struct fl_clock:
        bint is_ns
        int64_t start_ns
        double start_seconds
    ctypedef struct fl_writer:
        bint started
    void fl_writer_init(fl_writer *, fl_ring *, const fl_clock *) noexcept
    void fl_writer_free(fl_writer *) noexcept
    void fl_writer_abandon(fl_writer *) noexcept
    int fl_writer_start(fl_writer *) noexcept
    int fl_writer_open_sink(fl_writer *, const fl_sink_options *) noexcept
    void fl_writer_close_sink(fl_writer *, uint32_t) noexcept
    int fl_writer_flush(fl_writer *, int64_t, int64_t) noexcept nogil
    int fl_writer_flush_to(fl_writer *, int64_t, uint64_t, int64_t) noexcept nogil
    int fl_writer_stop(fl_writer *, int64_t) noexcept nogil
    uint64_t fl_writer_left(const fl_writer *) noexcept nogil
    void fl_writer_drop(fl_writer *, uint32_t, int32_t, uint32_t) noexcept
    void fl_writer_set_reporting(fl_writer *, bint) noexcept
    uint64_t fl_writer_last_error(const fl_writer *) noexcept
    bint fl_writer_is_alive(const fl_writer *) noexcept
    uint32_t fl_writer_reopened(const fl_writer *, uint32_t) noexcept
    bint fl_writer_is_on(const fl_writer *, uint32_t, uint64_t, uint64_t) noexcept
    const char *fl_writer_path(const fl_writer *, uint32_t) noexcept
