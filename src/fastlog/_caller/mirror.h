/* The module type of `fastlog`: names are looked up in the module it mirrors first,
 * so flags, swapped functions and constants are always the mirrored module's.
 *
 * Names that begin and end in two underscores, but for __file__, and the names in
 * `_own` are the module's own. Threads: under the GIL. Memory: a module's.
 */
#ifndef FL_MIRROR_H
#define FL_MIRROR_H

#include <Python.h>
#include <stdbool.h>

typedef struct fl_mirror_names {
    PyObject *target; /* "_target": the mirrored module, in the mirror's __dict__ */
    PyObject *own;    /* "_own": frozenset of names */
} fl_mirror_names;

static fl_mirror_names fl_names = {NULL, NULL};

/* The mirrored module's __dict__ (borrowed) when *name* is one of its names; NULL
 * without an exception when the name is the mirror's own. */
static PyObject *mirror_target(PyObject *self, PyObject *name)
{
    if (!PyUnicode_Check(name) || PyUnicode_GET_LENGTH(name) < 1)
        return NULL;
    if (PyUnicode_READ_CHAR(name, 0) == '_' && PyUnicode_GET_LENGTH(name) > 4 &&
        PyUnicode_READ_CHAR(name, 1) == '_' &&
        PyUnicode_CompareWithASCIIString(name, "__file__") != 0)
        return NULL;
    PyObject *fields = PyModule_GetDict(self);
    PyObject *own = PyDict_GetItemWithError(fields, fl_names.own);
    if (own == NULL || !PyFrozenSet_CheckExact(own) || PySet_Contains(own, name) != 0)
        return NULL;
    PyObject *target = PyDict_GetItemWithError(fields, fl_names.target);
    return target != NULL && PyModule_Check(target) ? target : NULL;
}

/* Bring the copies of the mirrored names up to date, before somebody reads them. */
static int mirror_refresh(PyObject *self)
{
    PyObject *fields = PyModule_GetDict(self), *key, *value;
    PyObject *target = PyDict_GetItemWithError(fields, fl_names.target);
    if (target == NULL || !PyModule_Check(target))
        return PyErr_Occurred() ? -1 : 0;
    PyObject *names = PyDict_Copy(PyModule_GetDict(target));
    if (names == NULL)
        return -1;
    Py_ssize_t position = 0;
    int status = 0;
    while (status == 0 && PyDict_Next(names, &position, &key, &value))
        if (mirror_target(self, key) != NULL &&
            PyDict_GetItemWithError(fields, key) != value)
            status = PyDict_SetItem(fields, key, value);
    Py_DECREF(names);
    return status;
}

static PyObject *mirror_getattro(PyObject *self, PyObject *name)
{
    if (PyUnicode_Check(name) &&
        PyUnicode_CompareWithASCIIString(name, "__dict__") == 0 &&
        mirror_refresh(self) < 0)
        return NULL;
    PyObject *target = mirror_target(self, name);
    if (target != NULL) {
        PyObject *found = PyDict_GetItemWithError(PyModule_GetDict(target), name);
        if (found != NULL)
            return Py_NewRef(found);
        /* Not there any more: the copy in our __dict__ does not count. */
        if (!PyErr_Occurred())
            PyErr_SetObject(PyExc_AttributeError, name);
    }
    if (PyErr_Occurred())
        return NULL;
    return PyModule_Type.tp_getattro(self, name);
}

static int mirror_setattro(PyObject *self, PyObject *name, PyObject *value)
{
    PyObject *target = mirror_target(self, name);
    if (target != NULL) {
        if (PyObject_SetAttr(target, name, value) < 0)
            return -1;
        /* The copy in our __dict__ goes with it; it need not be there. */
        if (PyModule_Type.tp_setattro(self, name, value) < 0) {
            if (value != NULL || !PyErr_ExceptionMatches(PyExc_AttributeError))
                return -1;
            PyErr_Clear();
        }
        return 0;
    }
    if (PyErr_Occurred())
        return -1;
    return PyModule_Type.tp_setattro(self, name, value);
}

static PyType_Slot mirror_slots[] = {
    {Py_tp_getattro, mirror_getattro},
    {Py_tp_setattro, mirror_setattro},
    {0, NULL},
};
static PyType_Spec mirror_spec = {
    .name = "fastlog._core.MirrorBase",
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = mirror_slots,
};

static PyObject *fl_mirror_base(void)
{
    fl_names.target = PyUnicode_InternFromString("_target");
    fl_names.own = PyUnicode_InternFromString("_own");
    if (fl_names.target == NULL || fl_names.own == NULL)
        return NULL;
    return PyType_FromSpecWithBases(&mirror_spec, (PyObject *)&PyModule_Type);
}

#endif
