# LogRecord: the plain class with an eager __dict__, copied from a template and filled.

cdef dict record_template = None  # a record's attributes, in the interpreter's order
cdef Py_ssize_t record_size = 0
cdef tuple record_init_names = (
    "name", "level", "pathname", "lineno", "msg", "args", "exc_info", "func", "sinfo",
)


cdef int take_template() except -1:
    global record_template, record_size
    record = LogRecord("", 0, "", 0, "", (), None)
    record_template = dict(record.__dict__)
    for key in record_template:
        record_template[key] = None
    record_template["processName"] = "MainProcess"
    record_size = len(record_template)
    return 0


cdef object record_arguments(object args):
    """What LogRecord keeps of the arguments: a sole, non-empty mapping itself."""
    cdef PyObject *only
    if (PyTuple_CheckExact(<PyObject *>args)
            and PyTuple_GET_SIZE(<PyObject *>args) == 1):
        only = PyTuple_GET_ITEM(<PyObject *>args, 0)
        if is_plain_value(only):
            return args
        if (isinstance(<object>only, logging_names["collections"].abc.Mapping)
                and <object>only):
            return <object>only
    return args


cdef dict record_fields(object name, object level, CallSite site, object message,
                        object args, Moment *moment, object odd_clock):
    """Attributes of a new record; `env_record` must hold."""
    cdef object title = "MainProcess"
    cdef object ident = None
    cdef object thread = None
    cdef dict fields
    if not env_log_multiprocessing:
        title = None
    elif env_multiprocessing is not None:
        title = process_name()
    if site is None:
        site = unknown_site
    # A fork and a new name of a level begin an epoch; a patched getpid is asked.
    if (site.epoch != fl_epoch or site.name is not name or site.level is not level
            or site.title is not title or not env_getpid):
        make_template(site, name, level, title)
    if env_log_threads:
        ident = fl_thread_ident()
        thread = thread_name(ident)
    if site.ident is not ident or site.thread is not thread:
        site.ident = ident
        site.thread = thread
        PyDict_SetItem(site.template, "thread", ident)
        PyDict_SetItem(site.template, "threadName", thread)
    fields = <dict>PyDict_Copy(site.template)
    PyDict_SetItem(fields, "msg", message)
    PyDict_SetItem(fields, "args", args)
    set_moment(fields, moment, odd_clock)
    if has_task_name and env_log_tasks:
        if env_asyncio is not None:
            PyDict_SetItem(fields, "taskName", task_name())
    return fields


cdef CallSite unknown_site = CallSite.__new__(CallSite)
unknown_site.pathname = unknown_site.filename = unknown_site.module = "(unknown file)"
unknown_site.function = "(unknown function)"
unknown_site.lineno = 0


cdef int make_template(CallSite site, object name, object level,
                       object title) except -1:
    """What all records of one line of code have in common, until a part changes."""
    cdef uint64_t epoch = fl_epoch
    cdef object process = None
    cdef dict fields = <dict>PyDict_Copy(record_template)
    if env_log_processes:
        process = fl_pid() if env_getpid else _os.getpid()
    PyDict_SetItem(fields, "name", name)
    PyDict_SetItem(fields, "levelname", level_name(level))
    PyDict_SetItem(fields, "levelno", level)
    PyDict_SetItem(fields, "pathname", site.pathname)
    PyDict_SetItem(fields, "filename", site.filename)
    PyDict_SetItem(fields, "module", site.module)
    PyDict_SetItem(fields, "lineno", site.lineno)
    PyDict_SetItem(fields, "funcName", site.function)
    PyDict_SetItem(fields, "processName", title)
    PyDict_SetItem(fields, "process", process)
    site.template = fields
    site.name = name
    site.level = level
    site.title = title
    # Only answers that the epoch guards may be remembered.
    site.epoch = epoch if env_level_names is not None else 0
    site.ident = None
    site.thread = None
    return 0


cdef tuple millisecond_floats = tuple(float(part) for part in range(1000))


cdef int set_moment(dict fields, Moment *moment, object odd_clock) except -1:
    if moment.plain:
        PyDict_SetItem(fields, "created", moment.created)
        PyDict_SetItem(fields, "msecs", <object>PyTuple_GET_ITEM(
            <PyObject *>millisecond_floats, <Py_ssize_t>moment.msecs))
        PyDict_SetItem(fields, "relativeCreated", moment.relative)
        return 0
    # A patched clock gave something else: reckon with it as LogRecord does.
    if ns_clock:
        created = odd_clock / 1e9
        msecs = (odd_clock % 1_000_000_000) // 1_000_000 + 0.0
        if msecs == 999.0 and int(created) != odd_clock // 1_000_000_000:
            msecs = 0.0
        relative = (odd_clock - env_start) / 1e6
    else:
        created = odd_clock
        msecs = int((created - int(created)) * 1000) + 0.0
        relative = (created - env_start) * 1000
    fields["created"] = created
    fields["msecs"] = msecs
    fields["relativeCreated"] = relative
    return 0


cdef int set_process(dict fields) except -1:
    """Thread, process and task, as the module's flags ask for them."""
    if env_log_threads:
        ident = fl_thread_ident()
        PyDict_SetItem(fields, "thread", ident)
        PyDict_SetItem(fields, "threadName", thread_name(ident))
    if not env_log_multiprocessing:
        PyDict_SetItem(fields, "processName", None)
    elif env_multiprocessing is not None:
        PyDict_SetItem(fields, "processName", process_name())
    if env_log_processes:
        PyDict_SetItem(fields, "process", fl_pid() if env_getpid else _os.getpid())
    if has_task_name and env_log_tasks:
        PyDict_SetItem(fields, "taskName", task_name())
    return 0


cdef bint has_task_name = False


cdef object init_record(object method, fl_args args, Py_ssize_t nargs,
                        PyObject *kwnames):
    """LogRecord.__init__(self, name, level, pathname, lineno, msg, args, exc_info,
    func=None, sinfo=None, **kwargs)
    """
    cdef Moment moment
    cdef dict fields
    cdef object odd_clock, pathname, instance
    if (not settle() or not env_record or nargs < 8 or nargs > 10 or kwnames != NULL
            or Py_TYPE(args[0]) != <PyTypeObject *>LogRecord
            or not PyUnicode_CheckExact(args[3])
            or not PyLong_CheckExact(args[2])
            or not (PyTuple_CheckExact(args[6]) or args[6] == Py_None)):
        return fl_call_original(method, args, nargs, kwnames)
    instance = <object>args[0]
    fields = PyObject_GenericGetDict(instance, NULL)
    if len(fields) != 0:
        return fl_call_original(method, args, nargs, kwnames)
    odd_clock = read_clock(&moment)
    pathname = <object>args[3]
    # In place and in this order: the template's keys are the interpreter's.
    fields.update(record_template)
    PyDict_SetItem(fields, "name", <object>args[1])
    PyDict_SetItem(fields, "msg", <object>args[5])
    PyDict_SetItem(fields, "args", record_arguments(<object>args[6]))
    PyDict_SetItem(fields, "levelname", level_name(<object>args[2]))
    PyDict_SetItem(fields, "levelno", <object>args[2])
    PyDict_SetItem(fields, "pathname", pathname)
    filename = _os.path.basename(pathname)
    PyDict_SetItem(fields, "filename", filename)
    PyDict_SetItem(fields, "module", _os.path.splitext(filename)[0])
    PyDict_SetItem(fields, "lineno", <object>args[4])
    PyDict_SetItem(fields, "exc_info", <object>args[7])
    PyDict_SetItem(fields, "funcName", <object>args[8] if nargs > 8 else None)
    PyDict_SetItem(fields, "stack_info", <object>args[9] if nargs > 9 else None)
    set_moment(fields, &moment, odd_clock)
    set_process(fields)
    return None


cdef dict fields_of(object record):
    """The attributes of a record that is what it seems; None for anything else."""
    cdef dict fields
    if (Py_TYPE(<PyObject *>record) == <PyTypeObject *>LogRecord
            and not env_record and not record_class_is_plain()):
        return None
    fields = plain_fields_of(record)
    if fields is None or PyDict_GetItemWithError(fields, "getMessage") != NULL:
        return None
    return fields


cdef dict plain_fields_of(object record):
    """The same for a record whose instance is known to override nothing."""
    cdef PyTypeObject *cls = Py_TYPE(<PyObject *>record)
    cdef PyObject *found
    cdef object fields
    if cls != <PyTypeObject *>LogRecord:
        if (not isinstance(record, LogRecord) or not fl_getattr_is_generic(cls)
                or not fl_setattr_is_generic(cls)):
            return None
        found = _PyType_Lookup(cls, "getMessage")
        expected = installed_method("LogRecord.getMessage")
        if found == NULL or <object>found is not expected:
            return None
        for name in ("message", "asctime", "msg", "args", "exc_info", "exc_text",
                     "stack_info", "levelno"):
            if _PyType_Lookup(cls, name) != NULL:
                return None
    elif not fl_getattr_is_generic(cls) or not fl_setattr_is_generic(cls):
        return None
    fields = PyObject_GenericGetDict(record, NULL)
    if not PyDict_CheckExact(<PyObject *>fields):
        return None
    return <dict>fields


cdef struct Rendering:
    # How far a message came: what must not happen a second time.
    bint user_code  # code of the user's may have run
    bint in_str  # no % follows, or none was reached
    PyObject *message  # borrowed from the record: msg and args
    PyObject *args


cdef object render_message(dict fields, Rendering *rendering, fl_buffer *out,
                           Held *held, fl_value *value):
    """LogRecord.getMessage: the text, with *value* the same; raises as it does.

    has_message() filled `rendering`.
    """
    cdef PyObject *found
    cdef object message = <object>rendering.message
    cdef object args = <object>rendering.args
    cdef object text
    cdef Py_ssize_t i, count
    cdef bint plain = True
    rendering.in_str = True
    if not PyUnicode_CheckExact(<PyObject *>message):
        rendering.user_code = True
        message = PyObject_Str(message)
        # str() may have changed the record.
        found = PyDict_GetItemWithError(fields, "args")
        args = None if found == NULL else <object>found
        if not PyUnicode_CheckExact(<PyObject *>message):
            plain = False
    if PyTuple_CheckExact(<PyObject *>args):
        count = PyTuple_GET_SIZE(<PyObject *>args)
        for i in range(count):
            plain = plain and is_plain_value(PyTuple_GET_ITEM(<PyObject *>args, i))
        if plain:
            if count == 0:
                return message
            rendering.in_str = False
            if not message_to_utf8(message, &(<PyTupleObject *>args).ob_item[0], count,
                                   out, held, value):
                return PyUnicode_Format(message, args)
            return decode(value.of.text.data, value.of.text.size)
        if count == 0:
            return message
    else:
        if args is None or is_plain_value(<PyObject *>args):
            if not args:
                return message
        else:
            rendering.user_code = True
            if not PyObject_IsTrue(args):
                return message
    rendering.in_str = False
    rendering.user_code = True
    text = message % args
    return text


cdef extern from "Python.h":
    ctypedef struct PyTupleObject:
        PyObject **ob_item


cdef object get_message(object method, fl_args args, Py_ssize_t nargs,
                        PyObject *kwnames):
    """LogRecord.getMessage(self)"""
    cdef dict fields
    cdef Rendering rendering
    cdef fl_buffer out
    cdef fl_value value
    cdef Held held
    cdef object marker = None
    cdef object result
    cdef PyObject *text
    if nargs != 1 or kwnames != NULL:
        return fl_call_original(method, args, nargs, kwnames)
    # Found on the class, so the instance has no getMessage of its own.
    fields = plain_fields_of(<object>args[0])
    # What an argument's __str__ logs, finds this frame in its call stack.
    if (fields is None or not has_message(fields, &rendering)
            or not has_plain_arguments(fields)):
        return fl_call_original(method, args, nargs, kwnames)
    held.count = 0
    fl_buffer_init(&out)
    text = (<raw_render><void *>render_message)(
        <PyObject *>fields, &rendering, &out, &held, &value)
    if text == NULL:
        marker = failure_marker(fields, &rendering)
    release(&held)
    fl_buffer_free(&out)
    if text != NULL:
        result = <object>text
        Py_DECREF(result)
        return result
    return rerun(method, args, nargs, marker)


cdef inline bint has_message(dict fields, Rendering *rendering) except -1:
    """Begin *rendering*; False: the record has lost its msg or args."""
    rendering.user_code = False
    rendering.message = PyDict_GetItemWithError(fields, "msg")
    rendering.args = PyDict_GetItemWithError(fields, "args")
    return rendering.message != NULL and rendering.args != NULL


# Called so, an exception stays set and NULL comes back: cheaper than try.
ctypedef PyObject *(*raw_render)(PyObject *, Rendering *, fl_buffer *, Held *,
                                 fl_value *) noexcept


cdef object failure_marker(dict fields, Rendering *rendering):
    """Take the exception that is set: what keeps the user's code from running again,
    or True if none has run.
    """
    if not rendering.user_code:
        PyErr_Clear()
        return True
    return fl_replay_new(fields, NULL, rendering.in_str)


cdef object rerun(object method, fl_args args, Py_ssize_t nargs, object marker):
    """Let the standard library's own function do it, and raise from its frames."""
    fl_plain_enter()
    try:
        return fl_call_original(method, args, nargs, NULL)
    finally:
        fl_plain_leave()
        if marker is not True and marker is not None:
            fl_replay_end(marker)
