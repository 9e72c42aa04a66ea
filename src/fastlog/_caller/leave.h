/* The functions of `os` after which no exit hook runs: what was accepted is written
 * first. Their C functions are wrapped in place, for who holds them already.
 *
 * Threads: under the interpreter's lock. Memory: none. Waiting: as long as the hook.
 */
#ifndef FL_LEAVE_H
#define FL_LEAVE_H

#include <Python.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void (*fl_before_leaving)(void) = NULL;

static void fl_pause(void)
{
    struct timespec time = {0, 500000};
    nanosleep(&time, NULL);
}

/* The four calling conventions that these functions have, or may get. */
typedef PyObject *(*fl_named_call)(PyObject *, PyObject *const *, Py_ssize_t,
                                   PyObject *);
typedef PyObject *(*fl_placed_call)(PyObject *, PyObject *const *, Py_ssize_t);

static PyCFunction fl_exit_original, fl_execve_original, fl_execv_original,
    fl_abort_original, fl_kill_original, fl_killpg_original, fl_raise_original;

static PyObject *leave_by_exit(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                               PyObject *kwnames)
{
    fl_before_leaving();
    return ((fl_named_call)(void (*)(void))fl_exit_original)(self, args, nargs,
                                                             kwnames);
}

static PyObject *leave_by_execve(PyObject *self, PyObject *const *args,
                                 Py_ssize_t nargs, PyObject *kwnames)
{
    fl_before_leaving();
    return ((fl_named_call)(void (*)(void))fl_execve_original)(self, args, nargs,
                                                               kwnames);
}

static PyObject *leave_by_execv(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    fl_before_leaving();
    return ((fl_placed_call)(void (*)(void))fl_execv_original)(self, args, nargs);
}

static PyObject *leave_by_abort(PyObject *self, PyObject *unused)
{
    fl_before_leaving();
    return fl_abort_original(self, unused);
}

/* Whether the signal *number* ends this process: nobody handles it. */
static bool is_fatal(PyObject *number)
{
    int overflow = 0;
    if (!PyLong_Check(number))
        return false;
    long value = PyLong_AsLongAndOverflow(number, &overflow);
    struct sigaction action;
    if (overflow != 0 || value <= 0 || value > 64 || value == SIGCHLD ||
        value == SIGCONT || value == SIGURG || value == SIGWINCH || value == SIGSTOP ||
        value == SIGTSTP || value == SIGTTIN || value == SIGTTOU ||
        sigaction((int)value, NULL, &action) < 0)
        return false;
    return !(action.sa_flags & SA_SIGINFO) && action.sa_handler == SIG_DFL;
}

/* A signal for this very process may be its end. */
static PyObject *leave_by_kill(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (nargs == 2 && PyLong_CheckExact(args[0]) && is_fatal(args[1])) {
        int overflow = 0;
        long pid = PyLong_AsLongAndOverflow(args[0], &overflow);
        if (pid <= 0 || pid == (long)getpid())
            fl_before_leaving();
    }
    return ((fl_placed_call)(void (*)(void))fl_kill_original)(self, args, nargs);
}

static PyObject *leave_by_killpg(PyObject *self, PyObject *const *args,
                                 Py_ssize_t nargs)
{
    if (nargs == 2 && is_fatal(args[1]))
        fl_before_leaving();
    return ((fl_placed_call)(void (*)(void))fl_killpg_original)(self, args, nargs);
}

static PyObject *leave_by_raise(PyObject *self, PyObject *number)
{
    if (is_fatal(number))
        fl_before_leaving();
    return fl_raise_original(self, number);
}

static void wrap_one(PyObject *module, const char *name, int flags, PyCFunction wrapper,
                     PyCFunction *original)
{
    PyObject *found = PyObject_GetAttrString(module, name);
    if (found == NULL) {
        PyErr_Clear();
        return;
    }
    if (PyCFunction_CheckExact(found)) {
        PyMethodDef *method = ((PyCFunctionObject *)found)->m_ml;
        if (method->ml_flags == flags && method->ml_meth != wrapper) {
            *original = method->ml_meth;
            method->ml_meth = wrapper;
        }
    }
    Py_DECREF(found);
}

/* Call *hook* before each of them; done once, when a writer starts. */
static void fl_leave_wrap(void (*hook)(void))
{
    if (fl_before_leaving != NULL)
        return;
    fl_before_leaving = hook;
    PyObject *module = PyImport_ImportModule("posix");
    if (module == NULL) {
        PyErr_Clear();
        return;
    }
    int named = METH_FASTCALL | METH_KEYWORDS;
    wrap_one(module, "_exit", named, (PyCFunction)(void (*)(void))leave_by_exit,
             &fl_exit_original);
    wrap_one(module, "execve", named, (PyCFunction)(void (*)(void))leave_by_execve,
             &fl_execve_original);
    wrap_one(module, "execv", METH_FASTCALL,
             (PyCFunction)(void (*)(void))leave_by_execv, &fl_execv_original);
    wrap_one(module, "abort", METH_NOARGS, leave_by_abort, &fl_abort_original);
    wrap_one(module, "kill", METH_FASTCALL, (PyCFunction)(void (*)(void))leave_by_kill,
             &fl_kill_original);
    wrap_one(module, "killpg", METH_FASTCALL,
             (PyCFunction)(void (*)(void))leave_by_killpg, &fl_killpg_original);
    Py_DECREF(module);
    module = PyImport_ImportModule("_signal");
    if (module == NULL) {
        PyErr_Clear();
        return;
    }
    wrap_one(module, "raise_signal", METH_O, leave_by_raise, &fl_raise_original);
    Py_DECREF(module);
}

#endif
