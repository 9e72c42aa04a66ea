# File, line and function of the caller, remembered by (code object, instruction):
# finding a line number scans the code's line table.

cdef extern from "Python.h":
    ctypedef struct PyFrameObject
    ctypedef struct PyCodeObject:
        PyObject *co_filename
        PyObject *co_name
    PyFrameObject *_current_frame "PyEval_GetFrame"() noexcept
    PyCodeObject *PyFrame_GetCode(PyFrameObject *) noexcept
    PyFrameObject *PyFrame_GetBack(PyFrameObject *) noexcept
    int PyFrame_GetLasti(PyFrameObject *) noexcept
    int PyCode_Addr2Line(PyCodeObject *, int) noexcept

cdef enum:
    SITES = 4096


@cython.final
@cython.no_gc
cdef class CallSite:
    """Where a log call stands."""

    cdef object code  # owned, so that its address stays its own
    cdef int instruction
    cdef object srcfile  # the answer below was given for this logging._srcfile
    cdef bint internal  # a frame of logging or of the import system
    cdef object pathname
    cdef object filename
    cdef object module
    cdef object lineno
    cdef object function
    # The last record's attributes that are this line's, and what they were made for.
    cdef dict template
    cdef object name
    cdef object level
    cdef object title
    cdef uint64_t epoch
    cdef object ident
    cdef object thread
    # In the ring's dictionary: pathname, filename, module, -, function.
    cdef uint64_t edition
    cdef uint32_t ids[5]
    cdef int64_t line


cdef PyObject *sites[SITES]


cdef CallSite find_site(PyFrameObject *frame):
    cdef PyCodeObject *code = PyFrame_GetCode(frame)
    cdef int instruction = PyFrame_GetLasti(frame)
    cdef CallSite site
    cdef size_t slot = (
        ((<size_t>code >> 4) * <size_t>0x9E3779B1 + <size_t>instruction * 31) % SITES
    )
    if sites[slot] != NULL:
        site = <CallSite>sites[slot]
        if (<PyObject *>site.code == <PyObject *>code
                and site.instruction == instruction
                and site.srcfile is env_srcfile):
            Py_DECREF(<object>code)
            return site
    site = make_site(<object>code, instruction)
    Py_DECREF(<object>code)
    Py_INCREF(site)
    cdef PyObject *old = sites[slot]
    sites[slot] = <PyObject *>site
    Py_XDECREF(old)
    return site


cdef CallSite make_site(object code, int instruction):
    cdef CallSite site = CallSite.__new__(CallSite)
    cdef int line = PyCode_Addr2Line(<PyCodeObject *>code, instruction)
    cdef str name
    site.code = code
    site.instruction = instruction
    site.pathname = code.co_filename
    site.function = code.co_name
    site.lineno = None if line < 0 else line
    site.srcfile = env_srcfile
    name = _os.path.normcase(site.pathname)
    site.internal = name == env_srcfile or (
        "importlib" in name and "_bootstrap" in name
    )
    site.filename = _os.path.basename(site.pathname)
    site.module = _os.path.splitext(site.filename)[0]
    return site


cdef CallSite caller_site(long stacklevel):
    """What Logger.findCaller would find; None if there is no frame to begin with.

    There, the search starts in a frame of logging; here no such frame exists, so
    the first one looked at is the caller's own.
    """
    cdef PyFrameObject *frame = _current_frame()
    cdef PyFrameObject *back
    cdef CallSite site
    if frame == NULL:
        return None
    Py_INCREF(<object>frame)
    site = find_site(frame)
    if stacklevel < 1:
        Py_DECREF(<object>frame)
        return None
    if not site.internal:
        stacklevel -= 1
    while stacklevel > 0:
        back = PyFrame_GetBack(frame)
        if back == NULL:
            break
        Py_DECREF(<object>frame)
        frame = back
        site = find_site(frame)
        if not site.internal:
            stacklevel -= 1
    Py_DECREF(<object>frame)
    return site
