# The values of a record, see frame.h.

from libc.stdint cimport int64_t, uint32_t

cdef extern from "_ring/frame.h":
    enum: FL_MISSING, FL_NONE, FL_FALSE, FL_TRUE, FL_INT, FL_FLOAT, FL_TEXT
    struct _text:
        const char *data
        size_t size
    union _of:
        int64_t integer
        double real
        _text text
    ctypedef struct fl_value:
        uint32_t tag
        _of of
