# A record on its way: Logger.handle and callHandlers, Handler.handle.

cdef int handle_record(LoggerNode node, object logger, object record,
                       dict fields) except -1:
    """Logger.handle: disabled, filters, handlers."""
    cdef object passed
    cdef list filters
    cdef Plan plan
    if node.epoch != fl_epoch:
        settle()
        node = logger_node(logger)
    if node is None or node.log_reason is not None or node.own_handle:
        return call_python(logger, "handle", record, FROM_LOG)
    if node.disabled:
        return 0
    plan = plan_of(node, logger)
    filters = plan.filters
    if node.own_filter or filters is None or PyList_GET_SIZE(<PyObject *>filters) != 0:
        passed = logger.filter(record)
        if not passed:
            return 0
        if filters_replace and isinstance(passed, LogRecord):
            record = passed
        settle()
        node = logger_node(logger)
        fields = fields_of(record)
        plan = None if node is None else plan_of(node, logger)
    elif filters_replace and is_false(record):
        return 0
    if node is None or node.log_reason is not None or node.own_call_handlers:
        return call_python(logger, "callHandlers", record, FROM_HANDLE)
    call_handlers(plan, logger, record, fields)
    return 0


cdef bint filters_replace = False  # 3.12 and newer: a filter may return a record


cdef int call_handlers(Plan plan, object logger, object record,
                       dict fields) except -1:
    """Logger.callHandlers: every handler up the tree, live as the lists are."""
    cdef object current, handlers, handler
    cdef HandlerNode node
    cdef PyObject *found = NULL
    cdef int place = 0
    cdef int overflow = 0
    cdef long long level = 0
    cdef Py_ssize_t i
    cdef bint any_found = False
    cdef bint called
    cdef bint stale = False
    cdef uint64_t epoch = fl_epoch
    if fields is not None:
        found = PyDict_GetItemWithError(fields, "levelno")
    if plan.reason is not None or found == NULL or not PyLong_CheckExact(found):
        return call_original_handlers(logger, record)
    for i in range(plan.count):
        if plan.sizes[i]:
            any_found = True
    if not any_found:
        return call_original_handlers(logger, record)
    level = PyLong_AsLongLongAndOverflow(<object>found, &overflow)
    current = logger
    while current is not None:
        if epoch == fl_epoch and place < plan.count:
            handlers = plan.handler_lists[place]
        else:
            handlers = current.handlers
            if type(handlers) is not list:
                handlers = list(handlers)
        i = 0
        while i < PyList_GET_SIZE(<PyObject *>handlers):
            handler = <object>PyList_GET_ITEM(<PyObject *>handlers, i)
            i += 1
            if stale:
                # A handler may have changed anything, the record's level too.
                stale = False
                found = PyDict_GetItemWithError(fields, "levelno")
                if found != NULL and PyLong_CheckExact(found):
                    level = PyLong_AsLongLongAndOverflow(<object>found, &overflow)
                else:
                    overflow = 1
            node = handler_node(handler)
            if node is not None and node.has_level and overflow == 0:
                called = level >= node.level
            else:
                called = record.levelno >= handler.level
            if not called:
                continue
            hand_over(node, handler, record, fields)
            stale = True
            if (i < PyList_GET_SIZE(<PyObject *>handlers)
                    or place + 1 < plan.count):
                fl_poll()
        if epoch == fl_epoch:
            if place + 1 >= plan.count:
                break
            current = plan.loggers[place]
            place += 1
        else:
            if not current.propagate:
                break
            current = current.parent
    return 0


cdef int call_original_handlers(object logger, object record) except -1:
    cdef object method = known_methods["Logger.callHandlers"]
    cdef Activation *activation = enter_python(FROM_HANDLE)
    try:
        (<object>(<fl_method *>method).original)(logger, record)
    finally:
        leave_python(activation)
    return 0


cdef object handle_method(object method, fl_args args, Py_ssize_t nargs,
                          PyObject *kwnames):
    """Logger.handle(self, record)"""
    global fl_call_origin
    cdef LoggerNode node
    if not settle():
        return fl_call_original(method, args, nargs, kwnames)
    if nargs != 2 or kwnames != NULL:
        return fl_call_original(method, args, nargs, kwnames)
    node = logger_node(<object>args[0])
    if node is None or node.log_reason is not None or node.own_handle:
        return fl_call_original(method, args, nargs, kwnames)
    fl_call_origin = FROM_HANDLE
    handle_record(node, <object>args[0], <object>args[1], fields_of(<object>args[1]))
    return None


cdef object call_handlers_method(object method, fl_args args, Py_ssize_t nargs,
                                 PyObject *kwnames):
    """Logger.callHandlers(self, record)"""
    global fl_call_origin
    cdef LoggerNode node
    cdef Plan plan
    cdef dict fields
    if not settle():
        return fl_call_original(method, args, nargs, kwnames)
    if nargs != 2 or kwnames != NULL:
        return fl_call_original(method, args, nargs, kwnames)
    node = logger_node(<object>args[0])
    fields = fields_of(<object>args[1])
    if node is None or node.gate_reason is not None or fields is None:
        return fl_call_original(method, args, nargs, kwnames)
    plan = plan_of(node, <object>args[0])
    if plan.reason is not None:
        return fl_call_original(method, args, nargs, kwnames)
    fl_call_origin = FROM_CALL_HANDLERS
    call_handlers(plan, <object>args[0], <object>args[1], fields)
    return None


cdef int hand_over(HandlerNode node, object handler, object record,
                   dict fields) except -1:
    """Give *record* to one handler: its handle(), here or in Python."""
    cdef Activation *activation
    if node is None or node.handle_reason is not None:
        activation = enter_python(FROM_CALL_HANDLERS)
        try:
            handler.handle(record)
        finally:
            leave_python(activation)
        return 0
    if node.emit_kind != EMIT_NULL:
        pass_on(node, handler, record, fields)
    return 0


cdef object pass_on(HandlerNode node, object handler, object record, dict fields):
    """Handler.handle: filters, lock, emit."""
    cdef object passed = record if filters_replace else True
    cdef object lock
    cdef Activation *activation
    if PyList_GET_SIZE(<PyObject *>node.filters) != 0:
        passed = handler.filter(record)
        if filters_replace and isinstance(passed, LogRecord):
            record = passed
        if not passed:
            return passed
        # A filter may have given the record another class or __dict__.
        settle()
        fields = fields_of(record)
        node = handler_node(handler)
        if node is None or node.handle_reason is not None:
            # The filter changed the handler: go on as Handler.handle would.
            return handle_on(handler, record, passed)
    elif filters_replace and is_false(record):
        return passed
    lock = node.lock
    take_lock(lock)
    try:
        fl_poll()
        if node.epoch != fl_epoch:
            settle()
            node = handler_node(handler)
        if (node is None or node.handle_reason is not None
                or node.emit_kind <= EMIT_NULL):
            activation = enter_python(FROM_HANDLER)
            try:
                PyObject_CallMethodOneArg(handler, "emit", record)
            finally:
                leave_python(activation)
        else:
            emit_record(node, handler, record, fields, node.emit_kind,
                        node.original_emit)
    finally:
        give_lock(lock)
    return passed


cdef inline bint is_false(object record) except -1:
    """Where a filter may return the record, a false one is a veto."""
    return Py_TYPE(<PyObject *>record) != <PyTypeObject *>LogRecord and not record


cdef object handle_on(object handler, object record, object passed):
    handler.acquire()
    try:
        handler.emit(record)
    finally:
        handler.release()
    return passed


cdef object handler_handle(object method, fl_args args, Py_ssize_t nargs,
                           PyObject *kwnames):
    """Handler.handle(self, record)"""
    global fl_call_origin
    cdef HandlerNode node
    if not settle():
        return fl_call_original(method, args, nargs, kwnames)
    if nargs != 2 or kwnames != NULL:
        return fl_call_original(method, args, nargs, kwnames)
    node = handler_node(<object>args[0])
    if (node is None or node.handle_reason is not None
            or node.emit_kind == EMIT_NULL):
        return fl_call_original(method, args, nargs, kwnames)
    fl_call_origin = FROM_HANDLER
    return pass_on(node, <object>args[0], <object>args[1],
                   fields_of(<object>args[1]))
