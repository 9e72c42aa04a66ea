# The "--- Logging error ---" report of a handler written in Python: its call stack
# names frames of logging that do not exist here, and is printed with them.

import dis as _dis
import linecache as _linecache
import traceback as _traceback
import types as _types

cdef enum:
    # The functions of logging that a native call may stand for, outermost first:
    # debug() … log(), Logger._log, handle, callHandlers, Handler.handle.
    FROM_ENTRY, FROM_LOG, FROM_HANDLE, FROM_CALL_HANDLERS, FROM_HANDLER


cdef struct Activation:
    # One call from here into Python code of a handler, on this thread.
    Activation *outer
    PyObject *frame  # borrowed: it runs, and made the native call
    PyObject *method  # borrowed: what it called
    int origin  # the functions from this one ...
    int end  # ... to this one are only stood for


cdef extern from "_caller/method.h":
    void *fl_activations
    PyObject *fl_call_method
    int fl_call_origin


cdef Activation *spare_activation = NULL


cdef Activation *enter_python(int end) except NULL:
    global fl_activations, spare_activation
    cdef Activation *activation = spare_activation
    spare_activation = NULL
    if activation == NULL:
        activation = <Activation *>malloc(sizeof(Activation))
        if activation == NULL:
            raise MemoryError
    activation.outer = <Activation *>fl_activations
    activation.frame = <PyObject *>_current_frame()
    activation.method = fl_call_method
    activation.origin = fl_call_origin
    activation.end = end
    fl_activations = activation
    return activation


cdef void leave_python(Activation *activation) noexcept:
    """Take *activation* out, wherever it is: greenlets do not leave in order."""
    global fl_activations, fl_call_method, fl_call_origin, spare_activation
    cdef Activation *at = <Activation *>fl_activations
    if at == activation:
        fl_activations = activation.outer
    else:
        while at != NULL and at.outer != activation:
            at = at.outer
        if at != NULL:
            at.outer = activation.outer
    # Calls from within the handler had origins of their own.
    fl_call_method = activation.method
    fl_call_origin = activation.origin
    free(spare_activation)
    spare_activation = activation


cdef object stood_for(Activation *activation):
    """The frames of logging between the native call and the handler, as a summary."""
    cdef list names = []
    cdef object found, code
    if activation.origin <= FROM_ENTRY and activation.method != NULL:
        names.append((<object>(<fl_method *>activation.method).original, "_log"))
    if activation.origin <= FROM_LOG <= activation.end:
        names.append(("Logger._log", "handle"))
    if activation.origin <= FROM_HANDLE <= activation.end:
        names.append(("Logger.handle", "callHandlers"))
    if activation.origin <= FROM_CALL_HANDLERS <= activation.end:
        names.append(("Logger.callHandlers", "handle"))
    if activation.end == FROM_HANDLER:
        names.append(("Handler.handle", "emit"))
    summaries = []
    for found, call in names:
        if isinstance(found, str):
            method = known_methods.get(found)
            if method is None:
                continue
            found = (<object>(<fl_method *>method).original
                     if fl_is_method(<PyObject *>method) else method)
        code = found.__code__
        summaries.append(_traceback.FrameSummary(
            code.co_filename, line_of_call(code, call), code.co_name,
            lookup_line=False))
    return summaries


cdef object line_of_call(object code, str name):
    """The line on which *code* first calls an attribute *name*."""
    cdef object line = code.co_firstlineno
    for instruction in _dis.get_instructions(code):
        if instruction.positions is not None and instruction.positions.lineno:
            line = instruction.positions.lineno
        if (instruction.argval == name
                and instruction.opname in ("LOAD_METHOD", "LOAD_ATTR")):
            return line
    return line


class _Reporter:
    """What handleError takes for the module `traceback`."""

    print_exception = staticmethod(_traceback.print_exception)

    @staticmethod
    def print_stack(frame, limit=None, file=None):
        """Print the stack with the frames that were only stood for."""
        cdef Activation *activation
        cdef list stack = []
        for one, line in _traceback.walk_stack(frame):
            _linecache.checkcache(one.f_code.co_filename)
            activation = <Activation *>fl_activations
            between = []
            if one is frame:
                activation = NULL  # what it called lies below the stack asked for
            while activation != NULL:
                if activation.frame == <PyObject *>one:
                    between = stood_for(activation) + between
                activation = activation.outer
            stack.extend(reversed(between))
            stack.append(_traceback.FrameSummary(
                one.f_code.co_filename, line, one.f_code.co_name, lookup_line=False))
        stack.reverse()
        _traceback.print_list(_traceback.StackSummary.from_list(stack), file=file)


cdef object report_error(object method, fl_args args, Py_ssize_t nargs,
                         PyObject *kwnames):
    """Handler.handleError(self, record): the original, on a stack made whole."""
    cdef object function, names
    # What was logged before, perhaps to the same stderr, comes before the report.
    flush_ring(-1, 1.0)
    if fl_activations == NULL or nargs != 2 or kwnames != NULL:
        return fl_call_original(method, args, nargs, kwnames)
    function = <object>(<fl_method *>method).original
    if logging_names.get("traceback") is not _traceback:
        return fl_call_original(method, args, nargs, kwnames)
    names = dict(logging_names)
    names["traceback"] = _Reporter
    return _types.FunctionType(function.__code__, names, function.__name__,
                               function.__defaults__, function.__closure__)(
        <object>args[0], <object>args[1])


cdef int call_python(object logger, str name, object record, int end) except -1:
    """Call a method of the logger's that somebody overrides."""
    cdef Activation *activation = enter_python(end)
    try:
        PyObject_CallMethodOneArg(logger, name, record)
    finally:
        leave_python(activation)
    return 0
