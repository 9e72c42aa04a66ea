# The ring, the process's mapping of it, and its dictionary: ring.h, rings.h,
# dictionary.h.

from libc.stdint cimport int64_t, uint32_t, uint64_t

cdef extern from "_ring/rings.h":
    ctypedef struct fl_ring:
        uint64_t mask
        void *mapping
    ctypedef struct fl_life:
        fl_ring *ring
    enum: FL_RING_BYTES_LEAST, FL_RING_BYTES_MOST
    int fl_ring_open(fl_ring *, size_t) noexcept
    void fl_ring_close(fl_ring *) noexcept
    void fl_ring_new_dictionary(fl_ring *) noexcept
    int fl_life_open(fl_life **) noexcept
    bint fl_has_membarrier() noexcept
    bint fl_has_wipe_on_fork() noexcept

cdef extern from "_ring/ring.h":
    ctypedef struct fl_ring_numbers:
        uint64_t accepted
        uint64_t written
        uint64_t bytes
        uint64_t errors
        uint64_t used
        uint64_t highest
    uint64_t fl_ring_tail(const fl_ring *) noexcept nogil
    size_t fl_ring_room(fl_ring *, size_t) noexcept nogil
    char *fl_ring_place(const fl_ring *) noexcept nogil
    void fl_ring_commit(fl_ring *, size_t, uint64_t) noexcept nogil
    bint fl_ring_is_asleep(const fl_ring *, bint) noexcept nogil
    bint fl_ring_is_drained(const fl_ring *) noexcept nogil
    bint fl_ring_is_filling(fl_ring *) noexcept nogil
    void fl_ring_wake(fl_ring *) noexcept nogil
    int fl_ring_wait_for_room(fl_ring *, size_t, int64_t) noexcept nogil
    void fl_ring_read_numbers(const fl_ring *, fl_ring_numbers *) noexcept nogil

cdef extern from "_ring/dictionary.h":
    enum: FL_ENTRY_TEXT, FL_ENTRY_PROGRAM, FL_ENTRY_ROUTE
    uint32_t fl_dictionary_add(fl_ring *, uint32_t, const void *, size_t) noexcept
