# What _install.py and _explain.py ask for: the methods to put in, on and off, and
# which way a handler's records take.

cdef dict known_methods = {}  # "Class.name" -> what look-up must find
cdef dict made_methods = {}  # "Class.name" -> our method, for the replaced ones
cdef bint switched_on = False


cdef object installed_method(str name):
    return made_methods.get(name)


# What is only compared: the native way replaces it while it is the library's own.
cdef tuple compared_methods = (
    ("logging", "Logger", ("findCaller", "makeRecord")),
    ("logging", "Filterer", ("filter",)),
    ("logging", "Handler", ("acquire", "release")),
    ("logging", "NullHandler", ("handle", "emit")),
    ("logging", "Formatter", ("formatTime", "formatException", "usesTime",
                              "formatMessage", "formatStack")),
    ("logging", "PercentStyle", ("format", "_format", "usesTime")),
    ("logging", "StrFormatStyle", ("_format",)),
    ("logging", "StringTemplateStyle", ("_format", "usesTime")),
    ("logging", "FileHandler", ("_open",)),
    ("logging.handlers", "BaseRotatingHandler", ("emit", "rotate",
                                                 "rotation_filename")),
    ("logging.handlers", "RotatingFileHandler", ("shouldRollover", "doRollover")),
    ("logging.handlers", "TimedRotatingFileHandler", ("shouldRollover",)),
    ("logging.handlers", "WatchedFileHandler", ("emit", "reopenIfNeeded")),
)


cdef bint is_library(object function, dict names, str qualname) except -1:
    """Whether *function* is the library's own, not somebody's patch."""
    return (
        type(function) is function_type
        and function.__qualname__ == qualname
        and function.__globals__ is names
    )


cdef object function_type = type(lambda: None)


cdef int know_handlers() except -1:
    """Learn the functions of logging.handlers, once a program has imported it."""
    cdef str module, cls, name
    cdef tuple names
    global handlers_names, rotation_seeks, time_address
    found = _sys.modules.get("logging.handlers")
    if found is None or not hasattr(found, "WatchedFileHandler"):
        return 0
    found = getattr(found, "_target", found)
    handlers_names = found.__dict__
    fl_watch_dict(handlers_names)
    for module, cls, names in compared_methods:
        if module != "logging.handlers":
            continue
        for name in names:
            if f"{cls}.{name}" not in made_methods:
                know(handlers_names, cls, name)
    rollover = known_methods.get("RotatingFileHandler.shouldRollover")
    rotation_seeks = rollover is None or "seek" in rollover.__code__.co_names
    time_address = fl_builtin_address(_time.time)
    return 0


cdef int forget_handlers() except -1:
    global handlers_names
    handlers_names = {}
    return 0


cdef int know(dict names, str cls, str name) except -1:
    function = (<object>names[cls]).__dict__.get(name)
    if is_library(function, names, f"{cls}.{name}"):
        known_methods[f"{cls}.{name}"] = function
    return 0


def prepare(table):
    """Make the methods of *table*, ((class name, method name), …), once.

    Returns {(class name, method name): method} for those whose function is the
    standard library's own at this moment; what is patched already is left alone.
    """
    global logging_names, LogRecord, rlock_type, locks_directly, decisive
    global filters_replace, has_task_name, streams_tell_newlines, function_type
    cdef dict made = {}
    cdef object method
    import logging
    logging = getattr(logging, "_target", logging)
    if made_methods and logging.LogRecord is LogRecord:
        return {tuple(key.split(".")): value for key, value in made_methods.items()}
    # The first time, or logging was reloaded and has new classes.
    for method in made_methods.values():
        fl_method_enable(method, False)
    made_methods.clear()
    known_methods.clear()
    forget_handlers()
    fl_names_init()
    fl_atfork_once()
    logging_names = logging.__dict__
    LogRecord = logging_names["LogRecord"]
    rlock_type = type(_threading.RLock())
    function_type = type(logging_names["getLevelName"])
    locks_directly = "acquire" not in logging_names["Handler"].handle.__code__.co_names
    filters_replace = "LogRecord" in logging_names["Logger"].handle.__code__.co_names
    fl_bump()
    fl_quick_find(&acquire_lock, rlock_type, "acquire")
    fl_quick_find(&release_lock, rlock_type, "release")
    fl_quick_find(&flush_buffer, _io.BufferedWriter, "flush")
    take_baseline()
    take_template()
    has_task_name = "taskName" in record_template
    streams_tell_newlines = probe_streams()
    for module, cls, names in compared_methods:
        if module == "logging":
            for name in names:
                know(logging_names, cls, name)
    for cls, name in table:
        method = make_method(logging_names[cls], cls, name)
        if method is not None:
            made_methods[f"{cls}.{name}"] = method
            known_methods[f"{cls}.{name}"] = method
            made[cls, name] = method
    function = logging_names.get("basicConfig")
    if is_library(function, logging_names, "basicConfig"):
        method = fl_method_new(function, logging, NULL, basic_config, -1)
        made_methods["logging.basicConfig"] = method
        made["logging", "basicConfig"] = method
    decisive = frozenset(
        [name.partition(".")[2] for name in known_methods]
        + ["level", "disabled", "parent", "propagate", "handlers", "filters", "name",
           "manager", "_cache", "__class__", "__dict__", "formatter", "stream", "lock",
           "terminator", "maxBytes", "rolloverAt", "dev", "ino", "baseFilename",
           "_style", "_fmt", "datefmt", "converter", "default_time_format",
           "default_msec_format", "_defaults", "_tpl", "_background", "background",
           "namer", "rotator", "backupCount", "mode"]
    )
    return made


def prepare_handlers(table):
    """The same for *table* of classes of logging.handlers, which is imported by now."""
    cdef dict made = {}
    cdef object method
    know_handlers()
    if not handlers_names:
        return made
    for cls, name in table:
        method = made_methods.get(f"{cls}.{name}")
        function = (<object>handlers_names[cls]).__dict__.get(name)
        if fl_is_method(<PyObject *>function) and fl_is_method_of(
                <PyObject *>function, <PyObject *>handlers_names[cls]):
            method = function  # `logging` was reloaded, logging.handlers was not
        elif method is None and is_library(
                function, handlers_names, f"{cls}.{name}"):
            if name == "emit":
                kind = EMIT_WATCHED if cls == "WatchedFileHandler" else EMIT_ROTATING
                method = fl_method_new(function, handlers_names[cls], NULL, emit_method,
                                       kind)
            else:
                method = fl_method_new(
                    function, handlers_names[cls], NULL,
                    init_handler if name == "__init__" else roll_over, -1)
        if method is not None:
            made_methods[f"{cls}.{name}"] = method
            known_methods[f"{cls}.{name}"] = method
            made[cls, name] = method
    fl_bump()
    return made


cdef object make_method(object cls, str cls_name, str name):
    cdef str qualname = f"{cls_name}.{name}"
    cdef object function = (<object>cls).__dict__.get(name)
    if name in ("__setattr__", "__delattr__"):
        if function is not None:
            return None
        function = getattr(object, name)
    elif not is_library(function, logging_names, qualname):
        return None
    levels = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}
    if cls_name == "Logger" and name in levels:
        return fl_method_new(function, cls, fl_level_call, NULL, levels[name])
    if qualname == "Logger.log":
        return fl_method_new(function, cls, fl_log_call, NULL, -1)
    if qualname == "Logger.isEnabledFor":
        return fl_method_new(function, cls, fl_is_enabled_call, NULL, -1)
    if name == "__setattr__":
        return fl_method_new(function, cls, NULL, set_attribute, -1)
    if name == "__delattr__":
        return fl_method_new(function, cls, NULL, delete_attribute, -1)
    if qualname == "Logger._log":
        return fl_method_new(function, cls, NULL, low_level_log, -1)
    if qualname == "Logger.exception":
        return fl_method_new(function, cls, NULL, exception_method, -1)
    if qualname == "Logger.handle":
        return fl_method_new(function, cls, NULL, handle_method, -1)
    if qualname == "Logger.callHandlers":
        return fl_method_new(function, cls, NULL, call_handlers_method, -1)
    if qualname == "Logger.getEffectiveLevel":
        return fl_method_new(function, cls, NULL, effective_level, -1)
    if qualname == "Manager._clear_cache":
        return fl_method_new(function, cls, NULL, clear_cache, -1)
    if qualname == "Handler.handle":
        return fl_method_new(function, cls, NULL, handler_handle, -1)
    if qualname == "Handler.format":
        return fl_method_new(function, cls, NULL, handler_format, -1)
    if qualname == "Handler.handleError":
        return fl_method_new(function, cls, fl_always_call, report_error, -1)
    if qualname == "StreamHandler.emit":
        return fl_method_new(function, cls, NULL, emit_method, EMIT_STREAM)
    if qualname == "FileHandler.emit":
        return fl_method_new(function, cls, NULL, emit_method, EMIT_FILE)
    if qualname == "Formatter.format":
        return fl_method_new(function, cls, NULL, format_method, -1)
    if qualname in ("StreamHandler.__init__", "FileHandler.__init__"):
        return fl_method_new(function, cls, NULL, init_handler, -1)
    if qualname == "StreamHandler.flush":
        return fl_method_new(function, cls, NULL, flush_handler, -1)
    if qualname in ("Handler.close", "FileHandler.close"):
        return fl_method_new(function, cls, NULL, close_handler,
                             1 if cls_name == "FileHandler" else 0)
    if qualname == "LogRecord.__init__":
        return fl_method_new(function, cls, NULL, init_record, -1)
    if qualname == "LogRecord.getMessage":
        return fl_method_new(function, cls, NULL, get_message, -1)
    raise ValueError(f"no native way for {qualname}")


cdef object clear_cache(object method, fl_args args, Py_ssize_t nargs,
                        PyObject *kwnames):
    """Manager._clear_cache(self)"""
    result = fl_call_original(method, args, nargs, kwnames)
    fl_bump()
    return result


cdef object effective_level(object method, fl_args args, Py_ssize_t nargs,
                            PyObject *kwnames):
    """Logger.getEffectiveLevel(self): the first level up the tree that is not 0."""
    cdef object logger, level
    if nargs != 1 or kwnames != NULL:
        return fl_call_original(method, args, nargs, kwnames)
    logger = <object>args[0]
    while logger:
        level = logger.level
        if level:
            return level
        logger = logger.parent
    return 0


cdef object exception_method(object method, fl_args args, Py_ssize_t nargs,
                             PyObject *kwnames):
    """Logger.exception(): nothing more when ERROR is known to be disabled."""
    cdef fl_gate *gate
    cdef LoggerNode node
    if nargs >= 2 and kwnames == NULL:
        settle()
        node = logger_node(<object>args[0])
        gate = fl_gate_find(args[0])
        if (node is not None and node.gate_reason is None and gate != NULL
                and gate.epoch == fl_epoch and (gate.off >> 40) & 1
                and fl_gate_stands(gate, gate.cache)
                and method_reason(<object>args[0], "error",
                                  known_methods.get("Logger.error")) is None):
            return None
    return fl_call_original(method, args, nargs, kwnames)


def switch(bint on):
    """Let the made methods take their native way, or the original."""
    global switched_on
    cdef bint paused = switched_on and not on and pause_ring()
    try:
        switched_on = on
        for method in made_methods.values():
            fl_method_enable(method, on)
        fl_bump()
    finally:
        if paused:
            resume_ring()


def counts():
    """Return how often the native way was taken, since the process began.

    `calls`: log calls whose handlers needed no record; `records`: LogRecords made
    here; `formats`: Formatter.format done here; `writes`: lines written here;
    `originals`: calls that went to the standard library's own method. In the
    background: `pushes`: records put into the ring as their arguments; `lines`: lines
    rendered here and put into the ring.
    """
    return {
        "calls": count_calls + fl_pushed,
        "records": count_records,
        "formats": count_formats,
        "writes": count_writes,
        "originals": fl_originals,
        "pushes": count_pushes + fl_pushed,
        "lines": count_lines,
    }


def handler_way(handler):
    """Say how *handler*'s lines are made and written: native or Python, and why."""
    cdef HandlerNode node
    settle()
    node = handler_node(handler)
    if node is None:
        return f"Python: it is a {type(handler).__qualname__}, not a logging.Handler"
    if node.handle_reason is not None:
        return f"Python, because {node.handle_reason}"
    if node.emit_kind == EMIT_NULL:
        return "native (it does nothing)"
    if node.background:
        return background_way(node)
    if node.background_reason is not None:
        return f"{synchronous_way(node, handler)}; not in the background, because " + (
            node.background_reason)
    return synchronous_way(node, handler)


cdef str background_way(HandlerNode node):
    cdef str way = "background: "
    if node.emit_kind == EMIT_PYTHON:
        return (f"Python, because {node.emit_reason}; what its super().emit() gets is "
                "written in the background")
    if node.line_reason is not None or node.emit_reason is not None:
        way += ("lines are rendered by Python in the caller, because "
                f"{node.line_reason or node.emit_reason}")
    elif node.sink != SINK_FILE:
        way += f"lines are encoded in the caller, because {node.sink_reason}"
    elif len(node.filters):
        way += "lines are rendered in the caller, as its filters are Python code"
    elif node.formatter_node.needs_record:
        way += ("lines are rendered in the caller, as its format reads attributes that "
                "only a LogRecord has")
    elif not formats_natively(node):
        way += "lines are rendered in the caller, as Python code rolls its file over"
    else:
        way += "arguments are copied in the caller, lines are made by the writer"
    if node.rolls == ROLLS_WRITER:
        way += "; the writer changes files"
    elif node.rolls == ROLLS_CALLER:
        way += "; the caller changes files, after what the ring holds"
    return way


cdef str synchronous_way(HandlerNode node, object handler):
    cdef FormatterNode formatting
    if node.emit_reason is not None:
        if node.emit_kind == EMIT_PYTHON and node.line_reason is None:
            return f"Python, because {node.emit_reason}; its super().emit() is native"
        formatting = formatter_node(handler.formatter or env_default_formatter)
        if formatting is not None and formatting.reason is None:
            return (f"Python, because {node.emit_reason}; "
                    "the record and its text are made natively")
        return f"Python, because {node.emit_reason}"
    if node.sink == SINK_NONE:
        return (f"formatted natively, written by Python, because {node.sink_reason}")
    if len(node.filters):
        return "native, but from a LogRecord: its filters are Python code"
    if node.formatter_node.needs_record:
        return ("native, but from a LogRecord: its format reads attributes that only "
                "one has")
    return "native"


def logger_way(logger):
    """Return why the records of *logger* are made in Python, or None."""
    cdef LoggerNode node
    cdef Plan plan
    settle()
    if not switched_on:
        return "fastlog is not installed"
    node = logger_node(logger)
    if node is None:
        return f"it is a {type(logger).__qualname__}, not a logging.Logger"
    if node.log_reason is not None:
        return node.log_reason
    if node.own_make_record:
        return "makeRecord is overridden or patched"
    if node.own_handle:
        return "handle is overridden or patched"
    if node.own_call_handlers:
        return "callHandlers is overridden or patched"
    if node.own_filter:
        return "filter is overridden or patched"
    if logger.filters:
        return "the logger has filters, which are Python code"
    if not env_record:
        return "LogRecord or something it reads is patched"
    if env_factory is not LogRecord:
        return "a record factory is set"
    if env_wants_caller and not env_caller:
        return "the search for the caller is patched"
    plan = plan_of(node, logger)
    return plan.reason


def methods():
    """Return the made methods by "Class.name"."""
    return dict(made_methods)


MirrorBase = fl_mirror_base()
