# Python objects to values: exact str, int of 64 bits, float, bool and None. Anything
# else has no such form; its text is Python's to make, where its errors belong.

cdef enum:
    HELD = 2 * VALUES


cdef struct Held:
    # Objects whose bytes values point into, until release().
    int count
    PyObject *objects[HELD]


cdef inline bint hold(Held *held, object subject) except -1:
    """Keep *subject* alive; False: there is no room for it."""
    if held.count == HELD:
        return False
    Py_INCREF(subject)
    held.objects[held.count] = <PyObject *>subject
    held.count += 1
    return True


cdef inline void release(Held *held) noexcept:
    while held.count > 0:
        held.count -= 1
        Py_DECREF(<object>held.objects[held.count])


cdef inline int text_value(PyObject *text, fl_value *value, Held *held) except -1:
    """1: done; 0: a lone surrogate. Non-ASCII text is encoded and kept in *held*."""
    cdef object data
    if PyUnicode_IS_COMPACT_ASCII(text):
        value.tag = FL_TEXT
        value.of.text.data = <const char *>PyUnicode_DATA(text)
        value.of.text.size = <size_t>PyUnicode_GET_LENGTH(text)
        return 1
    value.tag = FL_MISSING
    try:
        data = PyUnicode_AsUTF8String(<object>text)
    except UnicodeEncodeError:
        return 0
    if not hold(held, data):
        return 0
    value.tag = FL_TEXT
    value.of.text.data = PyBytes_AS_STRING(<PyObject *>data)
    value.of.text.size = <size_t>PyBytes_GET_SIZE(<PyObject *>data)
    return 1


cdef inline int value_of(PyObject *subject, fl_value *value, Held *held) except -1:
    """1: *value* is *subject*; 0: it has no such form. Runs no Python code."""
    cdef int overflow = 0
    if PyUnicode_CheckExact(subject):
        return text_value(subject, value, held)
    if PyLong_CheckExact(subject):
        value.tag = FL_INT
        value.of.integer = PyLong_AsLongLongAndOverflow(<object>subject, &overflow)
        return overflow == 0
    if PyFloat_CheckExact(subject):
        value.tag = FL_FLOAT
        value.of.real = PyFloat_AS_DOUBLE(subject)
        return 1
    if subject == Py_None:
        value.tag = FL_NONE
        return 1
    if subject == Py_True:
        value.tag = FL_TRUE
        return 1
    if subject == Py_False:
        value.tag = FL_FALSE
        return 1
    return 0


cdef inline bint is_plain_value(PyObject *subject) noexcept:
    """Whether formatting *subject* runs no code but the interpreter's own."""
    return (
        PyUnicode_CheckExact(subject) or PyLong_CheckExact(subject)
        or PyFloat_CheckExact(subject) or subject == Py_None
        or subject == Py_True or subject == Py_False
    )


cdef int encode_arguments(Program program, fl_args args, Py_ssize_t count,
                          fl_value *values, Held *held) except -1:
    """1: *values* are the arguments of the message; 0: they have no such form."""
    cdef Py_ssize_t i
    cdef Py_UCS4 letter
    cdef object text
    if count != len(program.conversions):
        return 0
    for i in range(count):
        letter = program.conversions[i]
        if (letter == c"r" or letter == c"a") and PyUnicode_CheckExact(args[i]):
            text = (PyObject_Repr(<object>args[i]) if letter == c"r"
                    else ascii(<object>args[i]))
            if (not hold(held, text)
                    or not text_value(<PyObject *>text, &values[i], held)):
                return 0
        elif not value_of(args[i], &values[i], held):
            return 0
    return 1


cdef int message_to_utf8(object message, fl_args args, Py_ssize_t count,
                         fl_buffer *out, Held *held, fl_value *value) except -1:
    """Set *value* to message % args, for an exact str and plain arguments.

    1: done; 0: Python has to do it, and to word the error. Runs no Python code.
    """
    cdef fl_value values[VALUES]
    cdef Program program
    cdef object text
    if count == 0:
        return text_value(<PyObject *>message, value, held)
    program = message_program(message)
    if program is not None and count <= VALUES:
        if (encode_arguments(program, args, count, values, held)
                and fl_program_run(&program.native, values, out) == 0):
            value.tag = FL_TEXT
            value.of.text.data = out.data
            value.of.text.size = out.size
            return 1
        out.size = 0
    try:
        text = PyUnicode_Format(message, tuple_of(args, count))
    except Exception:
        return 0
    return hold(held, text) and text_value(<PyObject *>text, value, held)


cdef inline tuple tuple_of(fl_args args, Py_ssize_t count):
    cdef object result = PyTuple_New(count)
    cdef Py_ssize_t i
    for i in range(count):
        Py_INCREF(<object>args[i])
        PyTuple_SET_ITEM(result, i, <object>args[i])
    return result


cdef inline object decode(const char *data, size_t size):
    return PyUnicode_DecodeUTF8(data, <Py_ssize_t>size, NULL)
