# Constructors that take `background`, and the methods that wait for the writer: flush,
# close, doRollover.

cdef object on_background = None  # (handler, value): the keyword was given
cdef object on_basic_config = None  # (original, args, kwargs)


def set_callbacks(background, basic_config):
    """Set what is called when `background` was given to a constructor or basicConfig.

    `background(handler, value)` after the standard library's own constructor has run;
    `basic_config(original, args, kwargs)` in its place.
    """
    global on_background, on_basic_config
    on_background = background
    on_basic_config = basic_config


cdef Py_ssize_t place_of_background(PyObject *kwnames) except -2:
    """Which of the keywords it is, or -1."""
    cdef Py_ssize_t i
    if kwnames != NULL:
        for i in range(PyTuple_GET_SIZE(kwnames)):
            if <object>PyTuple_GET_ITEM(kwnames, i) == "background":
                return i
    return -1


cdef tuple split_call(fl_args args, Py_ssize_t nargs, PyObject *kwnames):
    """The call's arguments as a tuple and a dict."""
    cdef dict keywords = {}
    cdef Py_ssize_t i
    for i in range(PyTuple_GET_SIZE(kwnames)):
        keywords[<object>PyTuple_GET_ITEM(kwnames, i)] = <object>args[nargs + i]
    return tuple_of(args, nargs), keywords


cdef object init_handler(object method, fl_args args, Py_ssize_t nargs,
                         PyObject *kwnames):
    """A stream or file handler's __init__: the original, and the keyword."""
    cdef dict keywords
    cdef tuple positional
    if (on_background is None or nargs < 1 or place_of_background(kwnames) < 0
            or not isinstance(<object>args[0], logging_names["StreamHandler"])):
        return fl_call_original(method, args, nargs, kwnames)
    positional, keywords = split_call(args, nargs, kwnames)
    value = keywords.pop("background")
    if type(value) is not bool:
        on_background(None, value)  # raises, before a file is opened
    (<object>(<fl_method *>method).original)(*positional, **keywords)
    on_background(<object>args[0], value)
    return None


cdef object basic_config(object method, fl_args args, Py_ssize_t nargs,
                         PyObject *kwnames):
    """logging.basicConfig()"""
    if on_basic_config is None or place_of_background(kwnames) < 0:
        return fl_call_original(method, args, nargs, kwnames)
    positional, keywords = split_call(args, nargs, kwnames)
    return on_basic_config(<object>(<fl_method *>method).original, positional, keywords)


cdef HandlerNode node_with_sink(object handler):
    """The node of *handler* if the ring may hold lines of it; None: it does not."""
    cdef Node node = find_node(handler)
    cdef HandlerNode found
    if node is None or type(node) is not HandlerNode:
        return None
    found = <HandlerNode>node
    if found.must_drain and found.ring_sink < 0:
        drain(found)
    if found.ring_sink < 0 or found.sink_era != ring_era:
        return None
    return found


cdef bint flush_in_time(HandlerNode node, bint limited) except -1:
    """Flush; with the limit for an exit if *limited*, and a word on stderr then."""
    global gave_up_at
    cdef double limit = shutdown_seconds
    if not limited:
        return flush_ring(node.ring_sink, -1)
    if gave_up_at == ring_era:
        limit = 0  # the time is out already
    if flush_ring(node.ring_sink, limit):
        gave_up_at = 0
        return True
    if gave_up_at != ring_era:
        gave_up_at = ring_era
        say(f"fastlog: {fl_writer_left(the_writer)} lines were not written within "
            f"{limit} s; they are tried further on")
    return False


cdef uint64_t gave_up_at = 0  # the era in which an exit's time ran out


cdef bint in_shutdown() except -1:
    """Whether logging.shutdown() is what calls."""
    cdef PyFrameObject *frame = _current_frame()
    cdef PyCodeObject *code
    if frame == NULL:
        return False
    code = PyFrame_GetCode(frame)
    shutdown = logging_names.get("shutdown")
    found = <object>code
    Py_DECREF(found)
    return found is getattr(shutdown, "__code__", None)


cdef object flush_handler(object method, fl_args args, Py_ssize_t nargs,
                          PyObject *kwnames):
    """StreamHandler.flush(self): what waits in the ring, then the stream."""
    cdef HandlerNode node
    if nargs == 1 and kwnames == NULL and not fl_is_plain():
        node = node_with_sink(<object>args[0])
        if node is not None:
            if flush_in_time(node, in_shutdown()):
                reopen_stream(node)
            # What follows finds nothing pending, unless somebody else wrote.
            if node.background and fl_still_holds(&node.still):
                return None
    return fl_call_original(method, args, nargs, kwnames)


cdef object close_handler(object method, fl_args args, Py_ssize_t nargs,
                          PyObject *kwnames):
    """Handler.close(self), FileHandler.close(self): the writer lets go of the file."""
    cdef HandlerNode node
    if nargs == 1 and kwnames == NULL:
        node = node_with_sink(<object>args[0])
        if node is not None:
            if (<fl_method *>method).level == 1:
                flush_in_time(node, True)  # as that one closes the stream
            leave_sink(node)
            node.stale = False  # the handler opens its file anew
            fl_bump()
    return fl_call_original(method, args, nargs, kwnames)


cdef object roll_over(object method, fl_args args, Py_ssize_t nargs,
                      PyObject *kwnames):
    """doRollover(self) of the rotating handlers"""
    cdef HandlerNode node
    cdef unsigned long taken_before
    if nargs == 1 and kwnames == NULL:
        node = node_with_sink(<object>args[0])
        if node is not None:
            taken_before = hold_file(node)
            try:
                leave_sink(node)
                node.stale = False
                fl_bump()
                return fl_call_original(method, args, nargs, kwnames)
            finally:
                node.taken_by = taken_before
    return fl_call_original(method, args, nargs, kwnames)


def background_reason(handler):
    """Return why *handler* cannot write in the background, or None if it can."""
    cdef HandlerNode node
    node = settled_node(handler)
    if node is None:
        return f"a {type(handler).__qualname__} is not a StreamHandler"
    if node.background:
        return None
    if ring_stopped:
        return "the writer has been stopped"
    if (getattr(handler, "stream", None) is None
            and isinstance(handler, logging_names.get("FileHandler"))):
        return None  # it opens its file later
    return background_obstacle(node, handler)
