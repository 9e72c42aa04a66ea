# What the fragments take from CPython and from the C headers.

cimport cython
from cpython.object cimport PyObject, PyTypeObject
from cpython.ref cimport Py_DECREF, Py_INCREF, Py_XDECREF, Py_XINCREF
from libc.stdint cimport int64_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc

from fastlog._ring.frame cimport *
from fastlog._ring.ring cimport *
from fastlog._writer.program cimport *
from fastlog._writer.sink cimport *
from fastlog._writer.writer cimport *

cdef extern from "Python.h":
    int PyUnicode_CheckExact(PyObject *) noexcept
    int PyUnicode_IS_COMPACT_ASCII(PyObject *) noexcept
    void *PyUnicode_DATA(PyObject *) noexcept
    Py_ssize_t PyUnicode_GET_LENGTH(PyObject *) noexcept
    object PyUnicode_Format(object, object)
    object PyUnicode_DecodeUTF8(const char *, Py_ssize_t, const char *)
    object PyUnicode_AsUTF8String(object)
    char *PyBytes_AS_STRING(PyObject *) noexcept
    Py_ssize_t PyBytes_GET_SIZE(PyObject *) noexcept
    bytes PyBytes_FromStringAndSize(const char *, Py_ssize_t)
    int PyLong_CheckExact(PyObject *) noexcept
    int PyFloat_CheckExact(PyObject *) noexcept
    int PyTuple_CheckExact(PyObject *) noexcept
    int PyList_CheckExact(PyObject *) noexcept
    int PyDict_CheckExact(PyObject *) noexcept
    int PyMethod_Check(PyObject *) noexcept
    PyObject *PyMethod_GET_FUNCTION(PyObject *) noexcept
    PyObject *PyMethod_GET_SELF(PyObject *) noexcept
    long long PyLong_AsLongLongAndOverflow(object, int *) except? -1
    double PyFloat_AS_DOUBLE(PyObject *) noexcept
    Py_ssize_t PyList_GET_SIZE(PyObject *) noexcept
    PyObject *PyList_GET_ITEM(PyObject *, Py_ssize_t) noexcept
    Py_ssize_t PyTuple_GET_SIZE(PyObject *) noexcept
    PyObject *PyTuple_GET_ITEM(PyObject *, Py_ssize_t) noexcept
    object PyTuple_New(Py_ssize_t)
    void PyTuple_SET_ITEM(object, Py_ssize_t, object)
    object PyDict_Copy(object)
    int PyDict_SetItem(object, object, object) except -1
    PyObject *PyDict_GetItemWithError(object, object) except? NULL
    Py_ssize_t PyDict_GET_SIZE(object)
    object PyObject_GetAttr(object, object)
    object PyObject_GenericGetDict(object, void *)
    int PyObject_GenericSetDict(object, object, void *) except -1
    object PyObject_GenericGetAttr(object, object)
    int PyObject_GenericSetAttr(object, object, PyObject *) except -1
    object PyObject_CallOneArg(object, object)
    object PyObject_CallMethodNoArgs(object, object)
    object PyObject_CallMethodOneArg(object, object, object)
    object PyObject_Str(object)
    object PyObject_Repr(object)
    int PyObject_IsTrue(object) except -1
    object PyLong_FromUnsignedLong(unsigned long)
    unsigned long PyThread_get_thread_ident() noexcept
    PyObject *_PyType_Lookup(PyTypeObject *, object) noexcept
    PyTypeObject *Py_TYPE(PyObject *) noexcept
    void PyErr_Clear() noexcept
    PyObject *PyErr_Occurred() noexcept
    int PyErr_CheckSignals() except -1
    PyObject *PyEval_GetFrame() noexcept
    PyObject *Py_True
    PyObject *Py_False
    PyObject *Py_None
    long PY_VERSION_HEX

cdef extern from "_caller/method.h":
    ctypedef PyObject *const *fl_args
    ctypedef object (*fl_way)(object, fl_args, size_t, PyObject *)
    ctypedef object (*fl_body)(object, fl_args, Py_ssize_t, PyObject *)
    ctypedef struct fl_method:
        PyObject *original
        PyObject *owner
        int level
    uint64_t fl_originals
    uint64_t fl_epoch
    void fl_bump() noexcept
    int fl_names_init() except -1
    bint fl_is_plain() noexcept
    void fl_plain_enter() noexcept
    void fl_plain_leave() noexcept
    void fl_plain_after_fork() noexcept
    bint fl_is_method(PyObject *) noexcept
    bint fl_is_method_of(PyObject *, PyObject *) noexcept
    object fl_call_original(object, fl_args, size_t, PyObject *)
    object fl_method_new(object, object, fl_way, fl_body, int)
    void fl_method_enable(object, bint) noexcept
    void fl_strip_traceback() noexcept
    object fl_always_call(object, fl_args, size_t, PyObject *)

cdef extern from "_caller/replay.h":
    object fl_replay_new(object, PyObject *, int)
    void fl_replay_end(object) noexcept

cdef extern from "_caller/mirror.h":
    object fl_mirror_base()

cdef extern from "_caller/push.h":
    ctypedef struct fl_pen:
        char *at
        char *end
        uint32_t count
    ctypedef struct fl_still:
        int count
        char bytes[1024]
    enum: FL_PENNED, FL_NO_FORM, FL_NO_ROOM
    int fl_pen_head(fl_pen *, uint32_t, uint32_t) noexcept
    int fl_pen_number(fl_pen *, uint32_t, const void *) noexcept
    int fl_pen_text(fl_pen *, const char *, size_t) noexcept
    int fl_pen_str(fl_pen *, PyObject *) noexcept
    int fl_pen_object(fl_pen *, PyObject *, uint32_t) noexcept
    int fl_pen_value(fl_pen *, const fl_value *) noexcept
    int fl_still_take(fl_still *, PyObject **, int) noexcept
    bint fl_still_holds(const fl_still *) noexcept

cdef extern from "_caller/shortcut.h":
    enum: FL_SHORTCUT_LISTS, FL_SHORTCUT_HANDLERS, FL_SHORTCUT_LEVELS, FL_STAMP_BYTES
    ctypedef struct fl_stamp:
        int64_t second
        uint32_t size
        char text[200]
    ctypedef struct fl_known_message:
        PyObject *source
        uint64_t edition
        uint32_t id
        uint32_t count
        const uint32_t *accepts
    ctypedef struct fl_shortcut:
        uint64_t epoch
        uint64_t edition
        uint32_t route
        int targets
        int stamps
        int levels
        int lists
        int filters
        long target_levels[8]
        double rollover_at[8]
        const fl_still *stills[8]
        const fl_stamp *stamp[8]
        int known_levels[8]
        uint32_t level_ids[8]
        PyObject *handlers[12]
        Py_ssize_t sizes[12]
        PyObject *expected[16]
        PyObject *filter_lists[9]
    struct _record_clock:
        PyObject *function
        void *address
        bint is_ns
    _record_clock fl_record_clock
    fl_life *life "fl_our_life"  # for good; its `ring` is NULL without one
    fl_ring the_ring "fl_our_ring"
    uint64_t edition "fl_edition"  # ids of another edition are void
    uint64_t fl_pushed
    fl_known_message known_messages "fl_known_messages"[2048]
    size_t fl_message_slot(PyObject *) noexcept
    void fl_finish_frame(fl_ring *, fl_frame *, const fl_pen *, uint16_t, int,
                         uint32_t) noexcept

cdef extern from "_caller/entry.h":
    ctypedef struct fl_gate:
        PyObject *self
        uint64_t epoch
        uint64_t off
        uint64_t on
        PyObject *cache
        PyObject *node
        fl_shortcut *way
        unsigned int tag
    fl_gate *fl_gate_find(PyObject *) noexcept
    fl_gate *fl_gate_add(PyObject *, object) except NULL
    void fl_gate_remove(PyObject *) noexcept
    int fl_gate_watch(fl_gate *, object) except -1
    bint fl_gate_stands(fl_gate *, PyObject *) noexcept
    void fl_filling(PyObject *) noexcept
    bint fl_begin_reading() noexcept
    void fl_end_reading() noexcept
    void fl_poll() noexcept
    int fl_watch_dict(object) except -1
    int fl_watch_type(PyTypeObject *) except -1
    void fl_forget_types() noexcept
    object fl_level_call(object, fl_args, size_t, PyObject *)
    object fl_log_call(object, fl_args, size_t, PyObject *)
    object fl_is_enabled_call(object, fl_args, size_t, PyObject *)

cdef extern from "_caller/objects.h":
    bint fl_getattr_is_generic(PyTypeObject *) noexcept
    bint fl_setattr_is_generic(PyTypeObject *) noexcept
    bint fl_has_truth(PyTypeObject *) noexcept
    bint fl_is_descriptor(PyObject *) noexcept
    unsigned int fl_type_tag(PyTypeObject *) noexcept
    object fl_new_instance(object, object)
    int fl_referents(PyObject *, PyObject **, int) noexcept
    int64_t fl_realtime_ns() noexcept
    object fl_pid()
    int fl_atfork_once() except -1
    void *fl_builtin_address(object) noexcept
    int fl_file_status(const char *, int64_t *, int64_t *) noexcept nogil
    int64_t fl_seek(int, bint) noexcept
    object fl_thread_ident()
    void fl_adopt_ident(object) noexcept
    bint fl_ident_adopted() noexcept
    ctypedef struct fl_quick:
        pass
    void fl_quick_find(fl_quick *, object, const char *) noexcept
    object fl_quick_call(fl_quick *, object)
