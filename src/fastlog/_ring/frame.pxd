# The values of a record and the bytes of a frame, see frame.h.

from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

cdef extern from "_ring/frame.h":
    enum: FL_MISSING, FL_NONE, FL_FALSE, FL_TRUE, FL_INT, FL_FLOAT, FL_TEXT, FL_NAMED
    enum: F_MESSAGE "FL_FIELD_MESSAGE"
    enum: F_ASCTIME "FL_FIELD_ASCTIME"
    enum: F_NAME "FL_FIELD_NAME"
    enum: F_LEVELNAME "FL_FIELD_LEVELNAME"
    enum: F_LEVELNO "FL_FIELD_LEVELNO"
    enum: F_PATHNAME "FL_FIELD_PATHNAME"
    enum: F_FILENAME "FL_FIELD_FILENAME"
    enum: F_MODULE "FL_FIELD_MODULE"
    enum: F_LINENO "FL_FIELD_LINENO"
    enum: F_FUNCNAME "FL_FIELD_FUNCNAME"
    enum: F_CREATED "FL_FIELD_CREATED"
    enum: F_MSECS "FL_FIELD_MSECS"
    enum: F_RELATIVE "FL_FIELD_RELATIVE"
    enum: F_THREAD "FL_FIELD_THREAD"
    enum: F_THREADNAME "FL_FIELD_THREADNAME"
    enum: F_PROCESS "FL_FIELD_PROCESS"
    enum: F_PROCESSNAME "FL_FIELD_PROCESSNAME"
    enum: F_TASKNAME "FL_FIELD_TASKNAME"
    enum: FIELDS "FL_FIELDS"
    enum: FL_TARGETS, FL_FRAME_RECORD, FL_FRAME_LINE
    enum: FL_STAMPED, FL_WITH_MSECS, FL_UTC
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
    ctypedef struct fl_frame:
        uint32_t size
        uint16_t kind
        uint16_t count
        uint32_t check
        int32_t level
        uint64_t clock
        uint32_t message
        uint32_t level_name
        uint32_t route
        uint32_t targets
    ctypedef struct fl_target:
        uint32_t sink
        uint32_t program
        uint16_t stamp
        uint16_t flags
        uint32_t time_format
    ctypedef struct fl_route:
        uint32_t name
        uint8_t field_count
        uint8_t stamp_count
        uint8_t target_count
        uint8_t fields[24]
        fl_target targets[8]
