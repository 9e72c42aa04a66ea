/* Run a program below no frame of ours, as the interpreter itself would.
 *
 * Frames above a program show in `stack_info`, in `inspect.stack()`, in warnings and
 * in how deep it may recurse; plain `python` has none there. Threads: the calling
 * one only, with the GIL. The frames stay alive: their owners are in the C stack.
 */
#ifndef FL_BOTTOM_H
#define FL_BOTTOM_H

#include <Python.h>

#if PY_VERSION_HEX >= 0x030D0000
#define FL_FRAME(thread) ((thread)->current_frame)
#else
#define FL_FRAME(thread) ((thread)->cframe->current_frame)
#endif
#if PY_VERSION_HEX >= 0x030C0000
#define FL_DEPTH_LEFT(thread) ((thread)->py_recursion_remaining)
#define FL_DEPTH_LIMIT(thread) ((thread)->py_recursion_limit)
#else
#define FL_DEPTH_LEFT(thread) ((thread)->recursion_remaining)
#define FL_DEPTH_LIMIT(thread) ((thread)->recursion_limit)
#endif

/* Call without arguments; the callable sees a thread that has no frame yet. */
static PyObject *fl_call_at_bottom(PyObject *module, PyObject *callable)
{
    (void)module;
#ifdef Py_GIL_DISABLED
    /* Its collector walks a thread's frames: none may be hidden from it. */
    return PyObject_CallNoArgs(callable);
#else
    PyThreadState *thread = PyThreadState_Get();
    struct _PyInterpreterFrame *hidden = FL_FRAME(thread);
    int depth = FL_DEPTH_LIMIT(thread) - FL_DEPTH_LEFT(thread);
    FL_FRAME(thread) = NULL;
    FL_DEPTH_LEFT(thread) += depth;
    PyObject *result = PyObject_CallNoArgs(callable);
    FL_DEPTH_LEFT(thread) -= depth;
    FL_FRAME(thread) = hidden;
    return result;
#endif
}

static PyMethodDef fl_bottom_def = {
    "call_at_bottom", fl_call_at_bottom, METH_O,
    PyDoc_STR("call_at_bottom(callable, /)\n--\n\n"
              "Return what *callable* returns; it sees no frame above its own.")};

/* A plain C function: one of Cython's would put a line of ours into tracebacks. */
static PyObject *fl_bottom_function(void)
{
    return PyCFunction_New(&fl_bottom_def, NULL);
}

#endif
