# The log calls: level, caller, and either the short way, without a record, or a record
# for dispatch.pxi to hand on.

cdef object fl_log_unknown "fl_log_unknown"(object method, int level, fl_args args,
                                            Py_ssize_t nargs, PyObject *kwnames):
    """A log call whose gate does not know the answer."""
    cdef LoggerNode node
    cdef object logger = <object>args[0]
    cdef bint enabled
    if not settle():
        return fl_call_original(method, args, nargs, kwnames)
    node = logger_node(logger)
    if node is None or node.gate_reason is not None:
        return fl_call_original(method, args, nargs, kwnames)
    enabled = ask_level(node, logger, level)
    if not enabled:
        return None
    return fl_log_enabled(method, level, args, nargs, kwnames)


cdef bint ask_level(LoggerNode node, object logger, object level) except -1:
    """Ask the standard library's isEnabledFor, which fills `_cache`, and remember."""
    cdef object method = known_methods["Logger.isEnabledFor"]
    cdef object ask = <object>(<fl_method *>method).original
    cdef object cache = logger._cache
    cdef fl_gate *gate
    cdef uint64_t bit, epoch
    cdef bint stood
    if type(cache) is not dict:
        return bool(ask(logger, level))
    epoch = fl_epoch
    gate = fl_gate_find(<PyObject *>logger)
    stood = (gate != NULL and gate.epoch == epoch
             and fl_gate_stands(gate, <PyObject *>cache))
    fl_filling(<PyObject *>cache)
    try:
        answer = ask(logger, level)
    finally:
        fl_filling(NULL)
    gate = fl_gate_find(<PyObject *>logger)
    if gate == NULL or epoch != fl_epoch or type(answer) is not bool:
        return bool(answer)
    if not stood:
        gate.on = 0
        gate.off = 0
    fl_gate_watch(gate, cache)
    gate = fl_gate_find(<PyObject *>logger)
    if gate == NULL:
        return answer
    gate.epoch = epoch
    gate.tag = fl_type_tag(Py_TYPE(<PyObject *>logger))
    bit = <uint64_t>1 << <int>level
    if answer:
        gate.on |= bit
        gate.off &= ~bit
    else:
        gate.off |= bit
        gate.on &= ~bit
    return answer


cdef object fl_is_enabled_unknown "fl_is_enabled_unknown"(
        object method, fl_args args, Py_ssize_t nargs, PyObject *kwnames):
    """isEnabledFor() whose gate does not know the answer."""
    cdef LoggerNode node
    if not settle():
        return fl_call_original(method, args, nargs, kwnames)
    node = logger_node(<object>args[0])
    if node is None or node.gate_reason is not None:
        return fl_call_original(method, args, nargs, kwnames)
    return ask_level(node, <object>args[0], <object>args[1])


cdef object fl_log_enabled "fl_log_enabled"(object method, int level, fl_args args,
                                            Py_ssize_t nargs, PyObject *kwnames):
    """An enabled call: without a record if all handlers are native, else with one."""
    global fl_call_method, fl_call_origin
    cdef LoggerNode node
    cdef Plan plan = None
    cdef Moment moment
    cdef object odd_clock = None
    cdef CallSite site = None
    cdef int first = 1
    cdef bint direct = False
    cdef bint clock_is_read = False
    if not settle():
        return fl_call_original(method, args, nargs, kwnames)
    node = logger_node(<object>args[0])
    if node is None or node.log_reason is not None:
        return fl_call_original(method, args, nargs, kwnames)
    if (<fl_method *>method).level < 0:
        first = 2  # log(level, msg, …)
    fl_call_method = <PyObject *>method
    fl_call_origin = FROM_ENTRY
    if kwnames != NULL or not env_record:
        return log_with_keywords(method, node, level, args, nargs, kwnames, first)
    if env_wants_caller and not env_caller:
        return fl_call_original(method, args, nargs, kwnames)
    if not (node.own_handle or node.own_call_handlers or node.own_filter
            or node.own_make_record):
        plan = plan_of(node, <object>args[0])
        direct = (
            plan.direct and plan.reason is None and not node.disabled
            and env_factory is LogRecord
            and PyUnicode_CheckExact(args[first])
            and arguments_are_plain(args + first + 1, nargs - first - 1)
            and nothing_filters(plan, level)
        )
    if direct and (plan.route != 0 or plan.route_edition != edition):
        if plan.background and env_wants_caller <= env_caller:
            odd_clock = read_clock(&moment)
            clock_is_read = True
            if moment.plain and push_record(node, plan, level, args, first, nargs,
                                            &moment):
                shorten_way(node, <object>args[0], plan)
                return None
    if env_wants_caller and (not direct or plan.wants_caller):
        site = caller_site(1)
        if site is None or site.lineno is None:
            return fl_call_original(method, args, nargs, kwnames)
    # A factory or a makeRecord() of somebody else's reads the clock itself.
    if (env_factory is LogRecord and not node.own_make_record
            and not clock_is_read):
        odd_clock = read_clock(&moment)
    if direct and moment.plain:
        if log_directly(node, plan, level, args, first, nargs, site, &moment):
            return None
    if site is None and env_wants_caller:
        site = caller_site(1)
    return log_with_record(method, node, <object>args[0], level, <object>args[first],
                           tuple_of(args + first + 1, nargs - first - 1), site,
                           &moment, odd_clock)


cdef bint nothing_filters(Plan plan, int level) noexcept:
    """Whether no filter sees the record: lists of filters are read live."""
    cdef HandlerNode target
    cdef Py_ssize_t i
    if PyList_GET_SIZE(<PyObject *>plan.filters) != 0:
        return False
    for i in range(PyList_GET_SIZE(<PyObject *>plan.handlers)):
        target = <HandlerNode>PyList_GET_ITEM(<PyObject *>plan.handlers, i)
        if (level >= target.level and target.emit_kind != EMIT_NULL
                and PyList_GET_SIZE(<PyObject *>target.filters) != 0):
            return False
    return True


cdef inline bint arguments_are_plain(fl_args args, Py_ssize_t count) noexcept:
    cdef Py_ssize_t i
    for i in range(count):
        if not is_plain_value(args[i]):
            return False
    return True


cdef int log_directly(LoggerNode node, Plan plan, int level, fl_args args, int first,
                      Py_ssize_t nargs, CallSite site, Moment *moment) except -1:
    """Format and write for every handler; UNTOUCHED: nothing has happened yet.

    From the first handler on there is no way back: a handler that cannot go on
    natively gets a record of its own making, as do those after it.
    """
    global count_calls
    cdef fl_value values[VALUES]
    cdef fl_buffer message
    cdef HandlerNode target
    cdef Held held
    cdef list targets = plan.handlers
    cdef object record = None
    cdef object handler, lock, emit
    cdef object name = node.name
    cdef uint64_t epoch = fl_epoch
    cdef Py_ssize_t i
    cdef int status
    cdef bint wanted = False
    for i in range(PyList_GET_SIZE(<PyObject *>targets)):
        target = <HandlerNode>PyList_GET_ITEM(<PyObject *>targets, i)
        if level >= target.level and target.emit_kind != EMIT_NULL:
            wanted = True
    if not wanted:
        count_calls += 1
        return WRITTEN
    held.count = 0
    fl_buffer_init(&message)
    try:
        if not message_to_utf8(<object>args[first], args + first + 1, nargs - first - 1,
                               &message, &held, &values[F_MESSAGE]):
            return UNTOUCHED
        values[F_ASCTIME].tag = FL_MISSING
        if not direct_values(node, level, site, moment, values, &held, targets):
            return UNTOUCHED
        count_calls += 1
        for i in range(PyList_GET_SIZE(<PyObject *>targets)):
            target = <HandlerNode>PyList_GET_ITEM(<PyObject *>targets, i)
            if level < target.level or target.emit_kind == EMIT_NULL:
                continue
            if target.subject == NULL:
                continue
            handler = <object>target.subject
            if record is None and epoch == fl_epoch:
                lock = target.lock
                emit = target.original_emit
                take_lock(lock)
                try:
                    status = UNTOUCHED
                    # Waiting for the lock let other threads run.
                    if epoch == fl_epoch:
                        status = emit_directly(target, values, moment, level)
                    if status == REST:
                        if site is None and env_wants_caller:
                            site = caller_site(1)
                        record = make_record(
                            name, <object>level, site, <object>args[first],
                            tuple_of(args + first + 1, nargs - first - 1), moment,
                            None)
                        write_by_stream(target, handler, record, target.rest, emit)
                finally:
                    give_lock(lock)
                if status != UNTOUCHED:
                    continue
            if record is None:
                if site is None and env_wants_caller:
                    site = caller_site(1)
                record = make_record(
                    name, <object>level, site, <object>args[first],
                    tuple_of(args + first + 1, nargs - first - 1), moment, None)
            hand_over(handler_node(handler), handler, record, record.__dict__)
    finally:
        release(&held)
        fl_buffer_free(&message)
    return WRITTEN


cdef bint direct_values(LoggerNode node, int level, CallSite site, Moment *moment,
                        fl_value *values, Held *held, list targets) except -1:
    """Set what the formats of *targets* read; False: a value has no such form."""
    cdef HandlerNode target
    cdef uint64_t wanted = 0
    cdef uint64_t one = 1
    cdef Py_ssize_t i
    cdef object text
    for i in range(PyList_GET_SIZE(<PyObject *>targets)):
        target = <HandlerNode>PyList_GET_ITEM(<PyObject *>targets, i)
        if target.emit_kind == EMIT_NULL or level < target.level:
            continue
        if target.formatter_node is None or target.formatter_node.program is None:
            return False
        wanted |= target.formatter_node.program.wanted
    if wanted & (one << F_NAME) and not value_of(
            <PyObject *>node.name, &values[F_NAME], held):
        return False
    if wanted & (one << F_LEVELNAME):
        text = level_name(level)
        hold(held, text)
        if not value_of(<PyObject *>text, &values[F_LEVELNAME], held):
            return False
    values[F_LEVELNO].tag = FL_INT
    values[F_LEVELNO].of.integer = level
    values[F_CREATED].tag = FL_FLOAT
    values[F_CREATED].of.real = moment.created
    values[F_MSECS].tag = FL_FLOAT
    values[F_MSECS].of.real = moment.msecs
    values[F_RELATIVE].tag = FL_FLOAT
    values[F_RELATIVE].of.real = moment.relative
    if wanted & ((one << F_PATHNAME) | (one << F_FILENAME) | (one << F_MODULE)
                 | (one << F_LINENO) | (one << F_FUNCNAME)):
        if not site_values(site, values, held):
            return False
    if wanted & ((one << F_THREAD) | (one << F_THREADNAME) | (one << F_PROCESS)
                 | (one << F_PROCESSNAME) | (one << F_TASKNAME)):
        return process_values(wanted, values, held)
    return True


cdef bint site_values(CallSite site, fl_value *values, Held *held) except -1:
    if site is None:
        return False  # logging._srcfile is None: Python words what it prints then
    return (
        value_of(<PyObject *>site.pathname, &values[F_PATHNAME], held)
        and value_of(<PyObject *>site.filename, &values[F_FILENAME], held)
        and value_of(<PyObject *>site.module, &values[F_MODULE], held)
        and value_of(<PyObject *>site.lineno, &values[F_LINENO], held)
        and value_of(<PyObject *>site.function, &values[F_FUNCNAME], held)
    )


cdef bint process_values(uint64_t wanted, fl_value *values, Held *held) except -1:
    cdef uint64_t one = 1
    cdef object text
    values[F_THREAD].tag = FL_NONE
    values[F_THREADNAME].tag = FL_NONE
    values[F_PROCESS].tag = FL_NONE
    values[F_PROCESSNAME].tag = FL_NONE
    values[F_TASKNAME].tag = FL_NONE
    if env_log_threads:
        values[F_THREAD].tag = FL_INT
        values[F_THREAD].of.integer = <int64_t>PyThread_get_thread_ident()
        if wanted & (one << F_THREADNAME):
            text = thread_name(fl_thread_ident())
            hold(held, text)
            if not value_of(<PyObject *>text, &values[F_THREADNAME], held):
                return False
    if wanted & (one << F_PROCESS) and env_log_processes:
        text = fl_pid() if env_getpid else _os.getpid()
        hold(held, text)
        if not value_of(<PyObject *>text, &values[F_PROCESS], held):
            return False
    if wanted & (one << F_PROCESSNAME) and env_log_multiprocessing:
        text = process_name()
        hold(held, text)
        if not value_of(<PyObject *>text, &values[F_PROCESSNAME], held):
            return False
    if wanted & (one << F_TASKNAME):
        if not has_task_name:
            return False
        if env_log_tasks:
            text = task_name()
            hold(held, text)
            if not value_of(<PyObject *>text, &values[F_TASKNAME], held):
                return False
    return True


cdef int emit_directly(HandlerNode node, fl_value *values, Moment *moment,
                       int level) except -1:
    """Format and write, with the handler's lock held: WRITTEN, UNTOUCHED or REST."""
    cdef fl_buffer line
    cdef fl_buffer stamp
    cdef FormatterNode formatting = node.formatter_node
    cdef Program program = None
    if formatting is not None:
        program = formatting.program
    if program is None:
        return UNTOUCHED
    fl_buffer_init(&line)
    fl_buffer_init(&stamp)
    try:
        if formatting.uses_time:
            if not format_time(formatting, moment.created, moment.msecs, &stamp):
                return UNTOUCHED
            values[F_ASCTIME].tag = FL_TEXT
            values[F_ASCTIME].of.text.data = stamp.data
            values[F_ASCTIME].of.text.size = stamp.size
        if fl_program_run(&program.native, values, &line) < 0:
            return UNTOUCHED
        if node.background:
            if must_roll(node, node.emit_kind, line.data, line.size):
                return UNTOUCHED
        elif (node.emit_kind >= EMIT_ROTATING
                and rolls_over(node, node.emit_kind, line.data, line.size)):
            return UNTOUCHED
        if fl_put(&line, PyBytes_AS_STRING(<PyObject *>node.terminator),
                  <size_t>PyBytes_GET_SIZE(<PyObject *>node.terminator)) < 0:
            raise MemoryError
        return write_line(node, &line, level)
    finally:
        fl_buffer_free(&line)
        fl_buffer_free(&stamp)


cdef object make_record(object name, object level, CallSite site, object message,
                        object args, Moment *moment, object odd_clock):
    global count_records
    count_records += 1
    return fl_new_instance(LogRecord, record_fields(
        name, level, site, message, record_arguments(args), moment, odd_clock))


cdef object log_with_record(object method, LoggerNode node, object logger, int level,
                            object message, tuple args, CallSite site, Moment *moment,
                            object odd_clock):
    """makeRecord and handle, each as the class or the instance has it."""
    cdef dict fields
    cdef object record
    global count_records
    if node.own_make_record:
        record = logger.makeRecord(
            node.name, level, *site_tuple(site), message, args, None,
            site_function(site), None, None)
        call_python(logger, "handle", record, FROM_LOG)
        return None
    if env_factory is not LogRecord:
        record = env_factory(
            node.name, level, *site_tuple(site), message, args, None,
            site_function(site), None)
        fields = fields_of(record)
    else:
        fields = record_fields(node.name, level, site, message, record_arguments(args),
                               moment, odd_clock)
        record = fl_new_instance(LogRecord, fields)
        count_records += 1
    handle_record(node, logger, record, fields)
    return None


cdef tuple site_tuple(CallSite site):
    if site is None:
        return ("(unknown file)", 0)
    return (site.pathname, site.lineno)


cdef object site_function(CallSite site):
    return "(unknown function)" if site is None else site.function


cdef object log_with_keywords(object method, LoggerNode node, int level, fl_args args,
                              Py_ssize_t nargs, PyObject *kwnames, int first):
    """exc_info, extra, stack_info, stacklevel: what Logger._log does with them."""
    cdef object logger = <object>args[0]
    cdef object exc_info = None
    cdef object extra = None
    cdef object name, value
    cdef long stacklevel = 1
    cdef Py_ssize_t i
    if kwnames != NULL:
        for i in range(PyTuple_GET_SIZE(kwnames)):
            name = <object>PyTuple_GET_ITEM(kwnames, i)
            value = <object>args[nargs + i]
            if name == "exc_info":
                exc_info = value
            elif name == "extra":
                extra = value
            elif name == "stack_info":
                if value is not False:
                    return fl_call_original(method, args, nargs, kwnames)
            elif name == "stacklevel":
                if type(value) is not int or not 0 < value < 10000:
                    return fl_call_original(method, args, nargs, kwnames)
                stacklevel = value
            else:
                return fl_call_original(method, args, nargs, kwnames)
    return log_in_full(method, args, nargs, kwnames, node, logger, <object>level,
                       <object>args[first],
                       tuple_of(args + first + 1, nargs - first - 1), exc_info, extra,
                       stacklevel)


cdef object log_in_full(object method, fl_args call, Py_ssize_t ncall,
                        PyObject *kwnames, LoggerNode node, object logger,
                        object level, object message, tuple args, object exc_info,
                        object extra, long stacklevel):
    """Logger._log, for arguments that it would not refuse."""
    global count_records
    cdef Moment moment
    cdef object odd_clock, record
    cdef dict fields
    cdef CallSite site = None
    if not env_record or type(level) is not int:
        return fl_call_original(method, call, ncall, kwnames)
    if env_wants_caller:
        if not env_caller:
            return fl_call_original(method, call, ncall, kwnames)
        site = caller_site(stacklevel)
        if site is None or site.lineno is None:
            return fl_call_original(method, call, ncall, kwnames)
    if exc_info is not None and exc_info:
        if isinstance(exc_info, BaseException):
            exc_info = (type(exc_info), exc_info, exc_info.__traceback__)
        elif not isinstance(exc_info, tuple):
            exc_info = _sys.exc_info()
    if node.own_make_record:
        record = logger.makeRecord(
            node.name, level, *site_tuple(site), message, args, exc_info,
            site_function(site), extra, None)
        call_python(logger, "handle", record, FROM_LOG)
        return None
    if env_factory is not LogRecord:
        record = env_factory(
            node.name, level, *site_tuple(site), message, args, exc_info,
            site_function(site), None)
        fields = record.__dict__
    else:
        odd_clock = read_clock(&moment)
        fields = record_fields(node.name, level, site, message, record_arguments(args),
                               &moment, odd_clock)
        fields["exc_info"] = exc_info
        record = fl_new_instance(LogRecord, fields)
        count_records += 1
    if extra is not None:
        for key in extra:
            if (key in ["message", "asctime"]) or (key in record.__dict__):
                raise KeyError("Attempt to overwrite %r in LogRecord" % key)
            record.__dict__[key] = extra[key]
    handle_record(node, logger, record, fields_of(record))
    return None


cdef object low_level_log(object method, fl_args args, Py_ssize_t nargs,
                          PyObject *kwnames):
    """Logger._log(self, level, msg, args, exc_info=None, extra=None, ...)"""
    global fl_call_origin
    cdef LoggerNode node
    cdef object exc_info = None
    cdef object extra = None
    cdef object name, value
    cdef long stacklevel = 1
    cdef Py_ssize_t i
    if not settle():
        return fl_call_original(method, args, nargs, kwnames)
    if nargs < 4 or nargs > 6 or not PyTuple_CheckExact(args[3]):
        return fl_call_original(method, args, nargs, kwnames)
    node = logger_node(<object>args[0])
    if node is None or node.log_reason is not None:
        return fl_call_original(method, args, nargs, kwnames)
    if nargs > 4:
        exc_info = <object>args[4]
    if nargs > 5:
        extra = <object>args[5]
    if kwnames != NULL:
        for i in range(PyTuple_GET_SIZE(kwnames)):
            name = <object>PyTuple_GET_ITEM(kwnames, i)
            value = <object>args[nargs + i]
            if name == "exc_info" and nargs < 5:
                exc_info = value
            elif name == "extra" and nargs < 6:
                extra = value
            elif name == "stack_info" and value is False:
                pass
            elif name == "stacklevel" and type(value) is int and 0 < value < 10000:
                stacklevel = value
            else:
                return fl_call_original(method, args, nargs, kwnames)
    fl_call_origin = FROM_LOG
    return log_in_full(method, args, nargs, kwnames, node, <object>args[0],
                       <object>args[1], <object>args[2], <object>args[3], exc_info,
                       extra, stacklevel)
