/* Small questions about live objects and the process that Cython has no words for.
 *
 * Threads: under the GIL. Memory: none kept. Waiting: never.
 */
#ifndef FL_OBJECTS_H
#define FL_OBJECTS_H

#include <Python.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "_caller/entry.h"

/* Attribute look-up of the type is the ordinary one: no __getattr__, no
 * __getattribute__. */
static inline bool fl_getattr_is_generic(PyTypeObject *type)
{
    return type->tp_getattro == PyObject_GenericGetAttr;
}

static inline bool fl_setattr_is_generic(PyTypeObject *type)
{
    return type->tp_setattro == PyObject_GenericSetAttr;
}

/* bool() of an instance may be False. */
static inline bool fl_has_truth(PyTypeObject *type)
{
    return (type->tp_as_number != NULL && type->tp_as_number->nb_bool != NULL) ||
           (type->tp_as_mapping != NULL && type->tp_as_mapping->mp_length != NULL) ||
           (type->tp_as_sequence != NULL && type->tp_as_sequence->sq_length != NULL);
}

static inline bool fl_is_descriptor(PyObject *object)
{
    return Py_TYPE(object)->tp_descr_get != NULL;
}

static inline unsigned int fl_type_tag(PyTypeObject *type)
{
    return type->tp_version_tag;
}

/* An instance of *type*, a plain Python class, whose __dict__ is *fields*. */
static PyObject *fl_new_instance(PyObject *type, PyObject *fields)
{
    PyTypeObject *cls = (PyTypeObject *)type;
    PyObject *instance = cls->tp_alloc(cls, 0);
    if (instance == NULL)
        return NULL;
#if PY_VERSION_HEX >= 0x030D0000
    /* The generic setter leaves inline values behind that hide the dict; what
     * `instance.__dict__ = fields` calls does not. */
    static PyTypeObject *known = NULL; /* borrowed: compared, and its own kept by it */
    static PyGetSetDef *definition = NULL;
    static PyObject *name = NULL;
    if (FL_UNLIKELY(name == NULL) &&
        (name = PyUnicode_InternFromString("__dict__")) == NULL)
        goto failed;
    if (FL_UNLIKELY(known != cls)) {
        PyObject *found = _PyType_Lookup(cls, name);
        known = NULL;
        if (found != NULL && Py_TYPE(found) == &PyGetSetDescr_Type) {
            definition = ((PyGetSetDescrObject *)found)->d_getset;
            known = definition->set == NULL ? NULL : cls;
        }
    }
    int status = known == cls ? definition->set(instance, fields, definition->closure)
                              : PyObject_SetAttr(instance, name, fields);
#else
    int status = PyObject_GenericSetDict(instance, fields, NULL);
#endif
    if (status == 0)
        return instance;
#if PY_VERSION_HEX >= 0x030D0000
failed:
#endif
    Py_DECREF(instance);
    return NULL;
}

typedef struct referents {
    PyObject **found;
    int count, capacity;
} referents;

static int referents_visit(PyObject *object, void *argument)
{
    referents *into = argument;
    if (into->count < into->capacity)
        into->found[into->count] = object;
    into->count++;
    return 0;
}

/* The objects that *object* refers to, borrowed, as the collector sees them; returns
 * how many there are, which may be more than *capacity*. */
static int fl_referents(PyObject *object, PyObject **found, int capacity)
{
    referents into = {found, 0, capacity};
    traverseproc traverse = Py_TYPE(object)->tp_traverse;
    if (traverse != NULL)
        traverse(object, referents_visit, &into);
    return into.count;
}

static inline int64_t fl_realtime_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static long fl_known_pid = 0;

static PyObject *fl_pid_object = NULL;

/* os.getpid(), asked once per process. */
static PyObject *fl_pid(void)
{
    if (FL_UNLIKELY(fl_known_pid == 0)) {
        long pid = (long)getpid();
        PyObject *object = PyLong_FromLong(pid);
        if (object == NULL)
            return NULL;
        Py_XSETREF(fl_pid_object, object);
        fl_known_pid = pid;
    }
    return Py_NewRef(fl_pid_object);
}

/* What else is to be done in a forked child; it must not touch Python. */
static void (*fl_forked)(void) = NULL;

static void fl_after_fork(void)
{
    if (fl_forked != NULL)
        fl_forked();
    fl_known_pid = 0;
    fl_plain_after_fork();
    fl_reading_after_fork();
}

static int fl_atfork_once(void)
{
    static bool done = false;
    if (!done && pthread_atfork(NULL, NULL, fl_after_fork) != 0) {
        PyErr_NoMemory();
        return -1;
    }
    done = true;
    return 0;
}

/* The C function behind a built-in, which some tools that freeze time replace in
 * place; NULL for anything else. */
static void *fl_builtin_address(PyObject *object)
{
    if (!PyCFunction_CheckExact(object))
        return NULL;
    return (void *)(uintptr_t)((PyCFunctionObject *)object)->m_ml->ml_meth;
}

/* 0 and the device and inode of *path*, or a negated errno. */
static int fl_file_status(const char *path, int64_t *device, int64_t *inode)
{
    struct stat status;
    if (stat(path, &status) < 0)
        return -errno;
    *device = (int64_t)status.st_dev;
    *inode = (int64_t)status.st_ino;
    return 0;
}

/* A method of a built-in type that takes no arguments, without the look-up. */
typedef struct fl_quick {
    PyTypeObject *type; /* NULL: look it up */
    PyCFunction function;
    PyObject *name;
    bool keywords;
} fl_quick;

static void fl_quick_find(fl_quick *quick, PyObject *type, const char *name)
{
    PyTypeObject *cls = (PyTypeObject *)type;
    quick->name = PyUnicode_InternFromString(name);
    quick->type = NULL;
    PyObject *found = quick->name == NULL ? NULL : _PyType_Lookup(cls, quick->name);
    if (found == NULL || Py_TYPE(found) != &PyMethodDescr_Type)
        return;
    PyMethodDef *method = ((PyMethodDescrObject *)found)->d_method;
    quick->keywords = method->ml_flags == (METH_VARARGS | METH_KEYWORDS);
    if (method->ml_flags != METH_NOARGS && !quick->keywords)
        return;
    quick->function = method->ml_meth;
    /* A type that can change is looked up each time. */
    if (cls->tp_flags & Py_TPFLAGS_IMMUTABLETYPE ||
        !(cls->tp_flags & Py_TPFLAGS_HEAPTYPE))
        quick->type = (PyTypeObject *)Py_NewRef(type);
}

static inline PyObject *fl_quick_call(fl_quick *quick, PyObject *self)
{
    if (FL_UNLIKELY(Py_TYPE(self) != quick->type))
        return PyObject_CallMethodNoArgs(self, quick->name);
    if (!quick->keywords)
        return quick->function(self, NULL);
    static PyObject *empty = NULL;
    if (empty == NULL && (empty = PyTuple_New(0)) == NULL)
        return NULL;
    PyCFunctionWithKeywords function =
        (PyCFunctionWithKeywords)(void (*)(void))quick->function;
    return function(self, empty, NULL);
}

enum { FL_IDENTS = 64 };

/* Numbers of threads as objects; one slot may serve several threads in turn. */
static struct {
    unsigned long ident;
    PyObject *object;
    bool adopted;
} fl_idents[FL_IDENTS];

static inline size_t fl_ident_slot(unsigned long ident)
{
    return (size_t)((ident * UINT64_C(0x9E3779B97F4A7C15)) >> 58) % FL_IDENTS;
}

/* threading.get_ident(). */
static PyObject *fl_thread_ident(void)
{
    unsigned long ident = PyThread_get_thread_ident();
    size_t slot = fl_ident_slot(ident);
    if (fl_idents[slot].object == NULL || fl_idents[slot].ident != ident) {
        PyObject *object = PyLong_FromUnsignedLong(ident);
        if (object == NULL)
            return NULL;
        Py_XSETREF(fl_idents[slot].object, object);
        fl_idents[slot].ident = ident;
        fl_idents[slot].adopted = false;
    }
    return Py_NewRef(fl_idents[slot].object);
}

/* Use *object*, an equal number that somebody else keeps as a key. */
static inline void fl_adopt_ident(PyObject *object)
{
    unsigned long ident = PyThread_get_thread_ident();
    size_t slot = fl_ident_slot(ident);
    if (fl_idents[slot].adopted || fl_idents[slot].ident != ident ||
        fl_idents[slot].object == NULL || !PyLong_CheckExact(object))
        return;
    int overflow = 0;
    if ((unsigned long)PyLong_AsLongLongAndOverflow(object, &overflow) == ident) {
        Py_INCREF(object);
        Py_SETREF(fl_idents[slot].object, object);
        fl_idents[slot].adopted = true;
    }
}

static inline bool fl_ident_adopted(void)
{
    return fl_idents[fl_ident_slot(PyThread_get_thread_ident())].adopted;
}

/* Where the descriptor stands, after going to the end if *to_end*; or -errno. */
static int64_t fl_seek(int fd, bool to_end)
{
    off_t position = lseek(fd, 0, to_end ? SEEK_END : SEEK_CUR);
    return position < 0 ? -errno : (int64_t)position;
}

#endif
