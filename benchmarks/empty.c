/* The floors of a call below the threshold; debug() looks at no argument and returns
 * None. Built on the fly by measure.py; never part of the package. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stddef.h>

static PyObject *empty_debug(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                             PyObject *kwnames)
{
    (void)self;
    (void)args;
    (void)nargs;
    (void)kwnames;
    Py_RETURN_NONE;
}

static PyMethodDef empty_methods[] = {
    {"debug", (PyCFunction)(void (*)(void))empty_debug, METH_FASTCALL | METH_KEYWORDS,
     NULL},
    {NULL, NULL, 0, NULL},
};

/* method_of(cls): a method for a class in Python. The interpreter knows this kind of
 * descriptor, and its adaptive instructions call the C function directly. */
static PyObject *method_of(PyObject *module, PyObject *cls)
{
    (void)module;
    if (!PyType_Check(cls)) {
        PyErr_SetString(PyExc_TypeError, "method_of() takes a class");
        return NULL;
    }
    return PyDescr_NewMethod((PyTypeObject *)cls, &empty_methods[0]);
}

/* A descriptor type of our own, called through the vectorcall protocol: what the
 * interpreter does for every C callable that it has no instruction for. */
typedef struct {
    PyObject_HEAD
    vectorcallfunc call;
} Descriptor;

static PyObject *descriptor_call(PyObject *self, PyObject *const *args, size_t nargs,
                                 PyObject *kwnames)
{
    (void)self;
    (void)args;
    (void)nargs;
    (void)kwnames;
    Py_RETURN_NONE;
}

static PyObject *descriptor_get(PyObject *self, PyObject *instance, PyObject *cls)
{
    (void)cls;
    return instance == NULL ? Py_NewRef(self) : PyMethod_New(self, instance);
}

static PyObject *descriptor_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    (void)args;
    (void)kwargs;
    Descriptor *self = (Descriptor *)type->tp_alloc(type, 0);
    if (self != NULL)
        self->call = descriptor_call;
    return (PyObject *)self;
}

static PyTypeObject DescriptorType = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "empty.Descriptor",
    .tp_basicsize = sizeof(Descriptor),
    .tp_flags =
        Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_METHOD_DESCRIPTOR,
    .tp_vectorcall_offset = offsetof(Descriptor, call),
    .tp_call = PyVectorcall_Call,
    .tp_descr_get = descriptor_get,
    .tp_new = descriptor_new,
};

static PyMethodDef module_methods[] = {
    {"method_of", method_of, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef empty_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "empty",
    .m_size = -1,
    .m_methods = module_methods,
};

PyMODINIT_FUNC PyInit_empty(void)
{
    PyObject *module = PyModule_Create(&empty_module);
    if (module == NULL)
        return NULL;
    if (PyModule_AddType(module, &DescriptorType) < 0) {
        Py_DECREF(module);
        return NULL;
    }
    return module;
}
