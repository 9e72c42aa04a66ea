/* The callable that stands in a class dictionary of `logging` for a Python function.
 *
 * Bound and called as that function would be; every attribute it does not know is
 * the function's own, so code that inspects, pickles or copies it meets the original.
 *
 * Threads: all of it under the GIL. Memory: one object per replaced method, for good.
 */
#ifndef FL_METHOD_H
#define FL_METHOD_H

#include <Python.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <structmember.h>

#define FL_LIKELY(x) __builtin_expect(!!(x), 1)
#define FL_UNLIKELY(x) __builtin_expect(!!(x), 0)

typedef PyObject *const *fl_args;

/* What a replaced method does when it does not take the original. */
typedef PyObject *(*fl_body)(PyObject *method, fl_args args, Py_ssize_t nargs,
                             PyObject *kwnames);

typedef struct fl_method {
    PyObject_HEAD
    vectorcallfunc vectorcall;
    PyObject *original; /* owned: the standard library's function */
    PyObject *owner;    /* owned: the class it was found on, or None */
    vectorcallfunc way; /* what `vectorcall` is while installed */
    int level;          /* of debug() … critical(), else -1 */
    fl_body body;       /* of all but the level methods */
} fl_method;

/* Parameter names that a keyword may repeat; interned, for good. */
static PyObject *fl_self_name, *fl_msg_name, *fl_level_name, *fl_plain_name;

static int fl_names_init(void)
{
    fl_self_name = PyUnicode_InternFromString("self");
    fl_msg_name = PyUnicode_InternFromString("msg");
    fl_level_name = PyUnicode_InternFromString("level");
    fl_plain_name = PyUnicode_InternFromString("__init__");
    return fl_self_name && fl_msg_name && fl_level_name && fl_plain_name ? 0 : -1;
}

/* While not 0, somebody runs the standard library's own code, see fl_is_plain. */
static int fl_plain_threads = 0;
/* The model saves a call per access; a few bytes of it are always to be had. */
#define FL_THREAD_LOCAL __attribute__((tls_model("initial-exec"))) _Thread_local
static FL_THREAD_LOCAL int fl_plain_depth = 0;
static uint64_t fl_originals = 0;

/* Whether this thread must take the original of every method: it is inside one that
 * was called to raise the standard library's error from the standard library's frames. */
static inline bool fl_is_plain(void)
{
    return FL_UNLIKELY(fl_plain_threads != 0) && fl_plain_depth != 0;
}

/* What an object must depend on has not changed while this number is the same. */
static uint64_t fl_epoch = 1;
/* The same, or 0 while any thread is plain: no gate counts then. */
static uint64_t fl_gate_epoch = 1;

static inline void fl_bump(void)
{
    fl_epoch++;
    fl_gate_epoch = fl_plain_threads == 0 ? fl_epoch : 0;
}

static inline void fl_plain_enter(void)
{
    fl_plain_threads++;
    fl_plain_depth++;
    fl_gate_epoch = 0;
}

static inline void fl_plain_leave(void)
{
    fl_plain_threads--;
    fl_plain_depth--;
    fl_gate_epoch = fl_plain_threads == 0 ? fl_epoch : 0;
}

static void fl_plain_after_fork(void)
{
    fl_plain_threads = fl_plain_depth;
}

static PyObject *fl_call_original(PyObject *callable, PyObject *const *args,
                                  size_t nargsf, PyObject *kwnames)
{
    fl_originals++;
    return PyObject_Vectorcall(((fl_method *)callable)->original, args,
                               PyVectorcall_NARGS(nargsf), kwnames);
}

static PyTypeObject *fl_method_type = NULL;

static inline bool fl_is_method(PyObject *object)
{
    return Py_TYPE(object) == fl_method_type;
}

static inline bool fl_is_method_of(PyObject *method, PyObject *owner)
{
    return ((fl_method *)method)->owner == owner;
}

/* Frames that Cython makes up for its own lines do not belong into a traceback of
 * the user's: drop those at its head. Call with an exception set. */
static void fl_strip_traceback(void)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *kept = traceback;
    while (kept != NULL && PyTraceBack_Check(kept)) {
        PyTracebackObject *entry = (PyTracebackObject *)kept;
        PyCodeObject *code = PyFrame_GetCode(entry->tb_frame);
        Py_ssize_t size = 0;
        const char *name = PyUnicode_AsUTF8AndSize(code->co_filename, &size);
        bool ours = name != NULL && size > 4 &&
                    (strcmp(name + size - 4, ".pxi") == 0 ||
                     strcmp(name + size - 4, ".pyx") == 0);
        if (name == NULL)
            PyErr_Clear();
        Py_DECREF(code);
        if (!ours)
            break;
        kept = (PyObject *)entry->tb_next;
    }
    Py_XINCREF(kept);
    Py_XDECREF(traceback);
    PyErr_Restore(type, value, kept);
}

static PyObject *method_get(PyObject *self, PyObject *instance, PyObject *owner)
{
    (void)owner;
    if (instance == NULL || instance == Py_None)
        return Py_NewRef(self);
    return PyMethod_New(self, instance);
}

static PyObject *method_getattro(PyObject *self, PyObject *name)
{
    PyObject *original = ((fl_method *)self)->original;
    if (PyUnicode_Check(name)) {
        if (PyUnicode_CompareWithASCIIString(name, "__reduce_ex__") == 0 ||
            PyUnicode_CompareWithASCIIString(name, "__reduce__") == 0 ||
            PyUnicode_CompareWithASCIIString(name, "__get__") == 0 ||
            PyUnicode_CompareWithASCIIString(name, "__call__") == 0)
            return PyObject_GenericGetAttr(self, name);
        if (PyUnicode_CompareWithASCIIString(name, "__fastlog_original__") == 0)
            return Py_NewRef(original);
        if (PyUnicode_CompareWithASCIIString(name, "__fastlog_owner__") == 0)
            return Py_NewRef(((fl_method *)self)->owner);
    }
    return PyObject_GetAttr(original, name);
}

static int method_setattro(PyObject *self, PyObject *name, PyObject *value)
{
    return PyObject_SetAttr(((fl_method *)self)->original, name, value);
}

static PyObject *method_repr(PyObject *self)
{
    return PyObject_Repr(((fl_method *)self)->original);
}

/* By reference, as functions are pickled and copied. */
static PyObject *method_reduce(PyObject *self, PyObject *ignored)
{
    (void)ignored;
    return PyObject_GetAttrString(((fl_method *)self)->original, "__qualname__");
}

static int method_traverse(PyObject *self, visitproc visit, void *arg)
{
    fl_method *method = (fl_method *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(method->original);
    Py_VISIT(method->owner);
    return 0;
}

static void method_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (((fl_method *)self)->original != NULL)
        PyObject_ClearWeakRefs(self);
    Py_XDECREF(((fl_method *)self)->original);
    Py_XDECREF(((fl_method *)self)->owner);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *method_doc(PyObject *self, void *ignored)
{
    (void)ignored;
    return PyObject_GetAttrString(((fl_method *)self)->original, "__doc__");
}

static PyGetSetDef method_getset[] = {
    {"__doc__", method_doc, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef method_methods[] = {
    {"__reduce__", method_reduce, METH_NOARGS, NULL},
    {"__reduce_ex__", method_reduce, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

typedef struct fl_method_object {
    fl_method method;
    PyObject *weakrefs;
} fl_method_object;

static PyMemberDef method_members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(fl_method, vectorcall), READONLY,
     NULL},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(fl_method_object, weakrefs), READONLY,
     NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot method_slots[] = {
    {Py_tp_call, PyVectorcall_Call},
    {Py_tp_descr_get, method_get},
    {Py_tp_getattro, method_getattro},
    {Py_tp_setattro, method_setattro},
    {Py_tp_repr, method_repr},
    {Py_tp_traverse, method_traverse},
    {Py_tp_dealloc, method_dealloc},
    {Py_tp_methods, method_methods},
    {Py_tp_members, method_members},
    {Py_tp_getset, method_getset},
    {0, NULL},
};

static PyType_Spec method_spec = {
    .name = "fastlog._core.method",
    .basicsize = sizeof(fl_method_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL |
             Py_TPFLAGS_METHOD_DESCRIPTOR | Py_TPFLAGS_DISALLOW_INSTANTIATION |
             Py_TPFLAGS_IMMUTABLETYPE,
    .slots = method_slots,
};

/* What the innermost native call on this thread is, for reports: see report.pxi. */
static FL_THREAD_LOCAL void *fl_activations = NULL;
static FL_THREAD_LOCAL PyObject *fl_call_method = NULL; /* borrowed: it runs */
static FL_THREAD_LOCAL int fl_call_origin = 0;

/* Every replaced method but the entry points of entry.h. */
static PyObject *fl_generic_call(PyObject *callable, PyObject *const *args,
                                 size_t nargsf, PyObject *kwnames)
{
    if (fl_is_plain())
        return fl_call_original(callable, args, nargsf, kwnames);
    PyObject *outer_method = fl_call_method;
    int outer_origin = fl_call_origin;
    PyObject *result = ((fl_method *)callable)
                           ->body(callable, args, PyVectorcall_NARGS(nargsf), kwnames);
    fl_call_method = outer_method;
    fl_call_origin = outer_origin;
    if (FL_UNLIKELY(result == NULL))
        fl_strip_traceback();
    return result;
}

/* One that has something to add even around the standard library's own code. */
static PyObject *fl_always_call(PyObject *callable, PyObject *const *args,
                                size_t nargsf, PyObject *kwnames)
{
    PyObject *result = ((fl_method *)callable)
                           ->body(callable, args, PyVectorcall_NARGS(nargsf), kwnames);
    if (FL_UNLIKELY(result == NULL))
        fl_strip_traceback();
    return result;
}

static PyObject *fl_method_new(PyObject *original, PyObject *owner, vectorcallfunc way,
                               fl_body body, int level)
{
    if (fl_method_type == NULL) {
        fl_method_type = (PyTypeObject *)PyType_FromSpec(&method_spec);
        if (fl_method_type == NULL)
            return NULL;
    }
    fl_method *method = (fl_method *)fl_method_type->tp_alloc(fl_method_type, 0);
    if (method == NULL)
        return NULL;
    method->original = Py_NewRef(original);
    method->owner = Py_NewRef(owner);
    method->way = way != NULL ? way : fl_generic_call;
    method->body = body;
    method->vectorcall = fl_call_original;
    method->level = level;
    return (PyObject *)method;
}

/* Take the C way, or hand every call to the original. */
static void fl_method_enable(PyObject *object, bool enabled)
{
    fl_method *method = (fl_method *)object;
    method->vectorcall = enabled ? method->way : fl_call_original;
}

#endif
