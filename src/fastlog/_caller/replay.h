/* A message whose outcome is known already.
 *
 * When a record cannot be formatted here, the standard library's own functions run
 * once more, so that the report shows their frames. The user's __str__ must not run
 * twice: for that second run `record.msg` is one of these. str() of it gives an
 * object whose `%` gives the text, or raises the very exception, of the first run.
 *
 * Threads: under the GIL. Memory: ordinary objects.
 */
#ifndef FL_REPLAY_H
#define FL_REPLAY_H

#include <Python.h>

typedef struct fl_replay {
    PyObject_HEAD
    PyObject *text; /* owned: the finished message, or NULL */
    PyObject *type; /* owned: the exception, when text is NULL */
    PyObject *value;
    PyObject *traceback;
    PyObject *fields;  /* owned: the record's __dict__ */
    PyObject *message; /* owned: what stood there as "msg" */
    PyObject *args;    /* owned: what stood there as "args" */
    int in_str;        /* the outcome is that of str(msg): no % was or is to come */
} fl_replay;

static PyTypeObject *fl_replay_type = NULL;
static PyTypeObject *fl_replay_str_type = NULL;
static PyObject *fl_replay_attribute = NULL; /* "_replay" */

static void replay_restore(fl_replay *replay)
{
    if (replay->fields != NULL && replay->message != NULL)
        if (PyDict_SetItemString(replay->fields, "msg", replay->message) < 0)
            PyErr_Clear();
    if (replay->fields != NULL && replay->args != NULL)
        if (PyDict_SetItemString(replay->fields, "args", replay->args) < 0)
            PyErr_Clear();
    Py_CLEAR(replay->fields);
    Py_CLEAR(replay->message);
    Py_CLEAR(replay->args);
}

static PyObject *replay_raise(fl_replay *replay)
{
    PyErr_Restore(replay->type, replay->value, replay->traceback);
    replay->type = replay->value = replay->traceback = NULL;
    return NULL;
}

static PyObject *replay_str(PyObject *self)
{
    fl_replay *replay = (fl_replay *)self;
    if (replay->text == NULL && replay->in_str && replay->type != NULL) {
        replay_restore(replay);
        return replay_raise(replay);
    }
    if (replay->text != NULL && replay->in_str)
        return Py_NewRef(replay->text);
    PyObject *empty = PyUnicode_FromStringAndSize(NULL, 0);
    if (empty == NULL)
        return NULL;
    PyObject *text = replay->text != NULL ? replay->text : empty;
    PyObject *result =
        PyObject_CallFunctionObjArgs((PyObject *)fl_replay_str_type, text, NULL);
    Py_DECREF(empty);
    if (result != NULL &&
        PyObject_GenericSetAttr(result, fl_replay_attribute, self) < 0)
        Py_CLEAR(result);
    return result;
}

static PyObject *replay_mod(PyObject *left, PyObject *right)
{
    (void)right;
    if (!PyObject_TypeCheck(left, fl_replay_str_type))
        Py_RETURN_NOTIMPLEMENTED;
    PyObject *held = PyObject_GenericGetAttr(left, fl_replay_attribute);
    if (held == NULL)
        return NULL;
    fl_replay *replay = (fl_replay *)held;
    PyObject *result = NULL;
    if (replay->text != NULL) {
        replay_restore(replay);
        result = Py_NewRef(replay->text);
    } else if (replay->type != NULL) {
        replay_restore(replay);
        replay_raise(replay);
    } else {
        PyErr_SetString(PyExc_RuntimeError, "message replayed twice");
    }
    Py_DECREF(held);
    return result;
}

/* `if self.args:` — whether a % follows. */
static int replay_bool(PyObject *self)
{
    fl_replay *replay = (fl_replay *)self;
    if (!replay->in_str)
        return 1;
    replay_restore(replay);
    return 0;
}

static int replay_traverse(PyObject *self, visitproc visit, void *arg)
{
    fl_replay *replay = (fl_replay *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(replay->text);
    Py_VISIT(replay->type);
    Py_VISIT(replay->value);
    Py_VISIT(replay->traceback);
    Py_VISIT(replay->fields);
    Py_VISIT(replay->message);
    Py_VISIT(replay->args);
    return 0;
}

static int replay_clear(PyObject *self)
{
    fl_replay *replay = (fl_replay *)self;
    Py_CLEAR(replay->text);
    Py_CLEAR(replay->type);
    Py_CLEAR(replay->value);
    Py_CLEAR(replay->traceback);
    Py_CLEAR(replay->fields);
    Py_CLEAR(replay->message);
    Py_CLEAR(replay->args);
    return 0;
}

static void replay_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    replay_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyType_Slot replay_slots[] = {
    {Py_tp_str, replay_str},           {Py_nb_bool, replay_bool},
    {Py_tp_traverse, replay_traverse}, {Py_tp_clear, replay_clear},
    {Py_tp_dealloc, replay_dealloc},   {0, NULL},
};
static PyType_Spec replay_spec = {
    .name = "fastlog._core.replay",
    .basicsize = sizeof(fl_replay),
    .flags =
        Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = replay_slots,
};
static PyType_Slot replay_str_slots[] = {
    {Py_nb_remainder, replay_mod},
    {0, NULL},
};
static PyType_Spec replay_str_spec = {
    .name = "fastlog._core.replay_str",
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = replay_str_slots,
};

static int fl_replay_init(void)
{
    if (fl_replay_type != NULL)
        return 0;
    fl_replay_attribute = PyUnicode_InternFromString("_replay");
    /* A Python-level subclass of str has a __dict__ to carry the attribute. */
    PyObject *base =
        PyType_FromSpecWithBases(&replay_str_spec, (PyObject *)&PyUnicode_Type);
    if (base == NULL || fl_replay_attribute == NULL)
        return -1;
    fl_replay_str_type = (PyTypeObject *)PyObject_CallFunction(
        (PyObject *)&PyType_Type, "s(N){}", "replay_str", base);
    fl_replay_type = (PyTypeObject *)PyType_FromSpec(&replay_spec);
    return fl_replay_str_type == NULL || fl_replay_type == NULL ? -1 : 0;
}

/* Put a replay into *fields* as "msg". With *text* NULL it takes over the exception
 * that is set. New reference. */
static PyObject *fl_replay_new(PyObject *fields, PyObject *text, int in_str)
{
    fl_replay *replay;
    PyObject *type = NULL, *value = NULL, *traceback = NULL;
    if (text == NULL) {
        fl_strip_traceback();
        PyErr_Fetch(&type, &value, &traceback);
    }
    if (fl_replay_init() < 0)
        goto failed;
    replay = (fl_replay *)fl_replay_type->tp_alloc(fl_replay_type, 0);
    if (replay == NULL)
        goto failed;
    replay->text = Py_XNewRef(text);
    replay->type = type;
    replay->value = value;
    replay->traceback = traceback;
    replay->in_str = in_str;
    replay->message = Py_XNewRef(PyDict_GetItemString(fields, "msg"));
    replay->fields = Py_NewRef(fields);
    /* Their truth was asked for once already: `if self.args` must not ask again. */
    int status = 0;
    if (!(in_str && text == NULL)) {
        replay->args = Py_XNewRef(PyDict_GetItemString(fields, "args"));
        status = PyDict_SetItemString(fields, "args", (PyObject *)replay);
    }
    if (status < 0 || PyDict_SetItemString(fields, "msg", (PyObject *)replay) < 0) {
        replay_restore(replay);
        Py_DECREF(replay);
        return NULL;
    }
    return (PyObject *)replay;
failed:
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    return NULL;
}

static void fl_replay_end(PyObject *object)
{
    replay_restore((fl_replay *)object);
}

#endif
