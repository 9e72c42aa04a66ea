# The way of each logger's records: which handlers they reach, and whether all of
# them can do without a record.

@cython.final
cdef class Plan:
    """Where the records of one logger go."""

    cdef list loggers  # its ancestors, nearest first, as far as records propagate
    cdef list handler_lists  # of the logger itself, then of the ancestors
    cdef list handlers  # nodes, in order; None when a handler has none
    cdef list filters  # the logger's own
    cdef int count
    cdef PyObject **expected  # owned memory: borrowed handlers, list by list
    cdef Py_ssize_t *sizes
    cdef bint direct  # every handler is native: no record has to be made
    cdef bint wants_caller
    cdef str reason
    # What the writer knows of it, see route.pxi.
    cdef bint background  # every handler writes in the background
    cdef uint64_t route_edition  # 0: it was not told
    cdef uint32_t route  # 0: records do not travel as arguments
    cdef int target_count
    cdef long target_levels[8]
    cdef PyObject *target_nodes[8]  # borrowed from `handlers`
    cdef int stamp_count
    cdef PyObject *stamp_nodes[8]  # borrowed, of the targets
    cdef uint64_t sent  # attributes that are in the frame, as bits
    cdef bint sends_site
    cdef int sent_count
    cdef int sent_codes[FIELDS]
    cdef uint32_t accepts[FIELDS]
    cdef int level_count
    cdef int known_levels[8]
    cdef uint32_t level_ids[8]

    def __dealloc__(self):
        free(self.expected)
        free(self.sizes)


@cython.final
cdef class LoggerNode(Node):
    """What a log call on one logger does."""

    cdef str gate_reason  # why isEnabledFor() is asked each time
    cdef str log_reason  # why the original method runs; None: here
    cdef bint own_handle  # handle() is overridden
    cdef bint own_call_handlers
    cdef bint own_filter
    cdef bint own_make_record
    cdef bint disabled
    cdef object name
    cdef Plan plan
    cdef fl_shortcut *way  # owned; counts as long as `plan` is what it was made from

    def __dealloc__(self):
        free(self.way)

    cdef int forget(self) except -1:
        if self.way != NULL:
            self.way.epoch = 0
        self.plan = None
        return 0

    cdef int read(self, object subject) except -1:
        self.gate_reason = self.log_reason = "being read"
        self.gate_reason = read_gate(subject)
        self.log_reason = self.gate_reason or read_logger(self, subject)
        return 0


cdef LoggerNode logger_node(object logger):
    """Return the node of *logger*, read under this epoch; None: it has none."""
    cdef Node node = find_node(logger)
    cdef LoggerNode found
    if node is None:
        if not isinstance(logger, logging_names["Logger"]):
            return None
        found = LoggerNode.__new__(LoggerNode)
        try:
            add_node(logger, found)
        except TypeError:
            return None
    elif type(node) is not LoggerNode:
        return None
    else:
        found = <LoggerNode>node
    if found.epoch != fl_epoch and not refresh(found, logger):
        return None
    return found


cdef str read_gate(object logger):
    """Why answers of isEnabledFor() may not be remembered, or None."""
    return (
        hook_reason(logger)
        or state_reason(logger, ("disabled", "_cache", "manager", "parent", "level"))
        or method_reason(logger, "isEnabledFor",
                         known_methods.get("Logger.isEnabledFor"))
        or method_reason(logger, "getEffectiveLevel",
                         known_methods.get("Logger.getEffectiveLevel"))
    )


cdef str read_logger(LoggerNode node, object logger):
    cdef str reason
    cdef str name
    reason = state_reason(logger, ("name", "handlers", "filters", "propagate"))
    if reason is not None:
        return reason
    for name in ("_log", "findCaller"):
        reason = method_reason(logger, name, known_methods.get("Logger." + name))
        if reason is not None:
            return reason
    node.own_make_record = method_reason(
        logger, "makeRecord", known_methods.get("Logger.makeRecord")) is not None
    node.own_handle = method_reason(
        logger, "handle", known_methods.get("Logger.handle")) is not None
    node.own_call_handlers = method_reason(
        logger, "callHandlers", known_methods.get("Logger.callHandlers")) is not None
    node.own_filter = method_reason(
        logger, "filter", known_methods.get("Filterer.filter")) is not None
    node.disabled = bool(getattr(logger, "disabled", False))
    node.name = logger.name
    return None


cdef Plan plan_of(LoggerNode node, object logger):
    """The logger's plan if it still holds for the live lists, made anew if not."""
    cdef Plan plan = node.plan
    if plan is not None and plan_holds(plan):
        return plan
    if not fl_begin_reading():
        return no_plan
    try:
        for _ in range(3):
            plan = make_plan(node, logger)
            fl_poll()
            if node.epoch == fl_epoch:
                if plan_holds(plan):
                    if node.way != NULL:
                        node.way.epoch = 0
                    node.plan = plan
                    return plan
            elif not settle() or logger_node(logger) is None:
                break
    finally:
        fl_end_reading()
    return no_plan


cdef Plan no_plan = Plan.__new__(Plan)
no_plan.reason = "it could not be read now"


cdef bint plan_holds(Plan plan) noexcept:
    cdef int i
    cdef Py_ssize_t j
    cdef PyObject **expected = plan.expected
    cdef PyObject *live
    for i in range(plan.count):
        live = PyList_GET_ITEM(<PyObject *>plan.handler_lists, i)
        if PyList_GET_SIZE(live) != plan.sizes[i]:
            return False
        for j in range(plan.sizes[i]):
            if PyList_GET_ITEM(live, j) != expected[j]:
                return False
        expected += plan.sizes[i]
    return True


cdef Plan make_plan(LoggerNode node, object logger):
    cdef Plan plan = Plan.__new__(Plan)
    cdef object current = logger
    cdef object handlers, handler
    cdef list snapshots = []
    cdef tuple snapshot
    cdef HandlerNode found
    cdef Py_ssize_t total = 0
    cdef Py_ssize_t at = 0
    cdef int i
    plan.loggers = []
    plan.handler_lists = []
    plan.handlers = []
    plan.direct = True
    plan.background = True
    plan.filters = getattr_list(logger, "filters")
    if plan.filters is None:
        plan.reason = "the logger's filters are not a plain list"
        plan.direct = False
    while current is not None:
        if current is not logger:
            if not isinstance(current, logging_names["Logger"]):
                plan.reason = f"an ancestor is a {type(current).__qualname__}"
            else:
                plan.reason = hook_reason(current) or state_reason(
                    current, ("handlers", "propagate", "parent"))
                if plan.reason is None and logger_node(current) is None:
                    plan.reason = "an ancestor takes no weak reference"
            if plan.reason is not None:
                plan.direct = False
                break
            plan.loggers.append(current)
        if fl_has_truth(Py_TYPE(<PyObject *>current)):
            plan.reason = f"a {type(current).__qualname__} may be false"
            plan.direct = False
            break
        handlers = getattr_list(current, "handlers")
        if handlers is None:
            plan.reason = f"the handlers of {current.name!r} are not a plain list"
            plan.direct = False
            break
        plan.handler_lists.append(handlers)
        snapshot = tuple(handlers)
        snapshots.append(snapshot)
        for handler in snapshot:
            total += 1
            found = handler_node(handler)
            plan.handlers.append(found)
            if found is None or not found.background:
                plan.background = plan.background and is_null(found)
            if not is_direct(found):
                plan.direct = False
            elif found.emit_kind != EMIT_NULL:
                if wants_caller(found.formatter_node):
                    plan.wants_caller = True
        if not current.propagate:
            break
        current = current.parent
    if plan.reason is not None:
        plan.handler_lists = []
        plan.handlers = []
        total = 0
    plan.count = <int>len(plan.handler_lists)
    if total == 0:
        plan.direct = False
    plan.expected = <PyObject **>malloc(
        (total + 1) * <Py_ssize_t>sizeof(PyObject *))
    plan.sizes = <Py_ssize_t *>malloc(
        (plan.count + 1) * <Py_ssize_t>sizeof(Py_ssize_t))
    if plan.expected == NULL or plan.sizes == NULL:
        raise MemoryError
    for i in range(plan.count):
        handlers = snapshots[i]
        plan.sizes[i] = len(handlers)
        for handler in handlers:
            plan.expected[at] = <PyObject *>handler
            at += 1
    return plan


cdef list getattr_list(object subject, str name):
    cdef object value = getattr(subject, name, None)
    return <list>value if type(value) is list else None


cdef inline bint is_null(HandlerNode node) noexcept:
    return node is not None and node.emit_kind == EMIT_NULL


cdef bint is_direct(HandlerNode node) except -1:
    """Whether the handler can do without a record."""
    if node is None or node.handle_reason is not None:
        return False
    if node.emit_kind == EMIT_NULL:
        return True
    return (
        node.emit_kind != EMIT_PYTHON
        and node.emit_reason is None
        and node.sink != SINK_NONE
        and node.formatter_node is not None
        and not node.formatter_node.needs_record
    )


cdef bint wants_caller(FormatterNode node) except -1:
    cdef int code
    for code in node.program.codes:
        if code in (F_PATHNAME, F_FILENAME, F_MODULE, F_LINENO, F_FUNCNAME):
            return True
    return False
