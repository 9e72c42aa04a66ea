# What of a handler writes in the background, and the ids under which the writer knows
# texts, programs, sinks and the ways of a logger's records.

from libc.string cimport memset

cdef enum:
    # Who rolls a background handler's file over.
    ROLLS_NONE, ROLLS_WRITER, ROLLS_CALLER


cdef int read_background(HandlerNode node, object handler) except -1:
    """Decide whether *handler* writes in the background; keep its sink if it may."""
    cdef object wanted = None
    cdef bint same
    cdef int kind = node.ring_kind
    node.background = False
    node.background_reason = None
    node.shadow = None
    fields = getattr(handler, "__dict__", None)
    if type(fields) is dict:
        wanted = fields.get("_background")
    if wanted is None:
        wanted = background_wanted
    if wanted and not ring_stopped:
        node.background_reason = background_obstacle(node, handler)
        node.background = node.background_reason is None
    if node.background:
        node.must_drain = False
    node.shares = None if node.background else who_shares_file(handler)
    same = (node.background and node.stream_ref is not None
            and node.stream_ref() is node.ring_stream
            and node.ring_fd == node.sink_fd)
    if not same:
        forget_still(node)
    elif node.still.count == 0:
        node.still.count = node.still_known
    if node.ring_sink < 0 or node.sink_era != ring_era:
        node.ring_sink = -1
        return 0
    if same:
        if (node.ring_kind == kind and node.sink_max == node.max_bytes
                and node.sink_end == node.terminator):
            return 0
    elif (node.background and kind != FL_SINK_STREAM and kind == node.ring_kind
            and is_on_stream(node)):
        note_stream(node)
        return 0  # the stream was opened anew on the file that the writer is on
    leave_sink(node)
    return 0


cdef HandlerNode who_shares_file(object handler):
    """Another handler that writes to the same file in the background, or None."""
    cdef HandlerNode other
    if not sink_nodes or not ring_is_ours():
        return None
    try:
        status = _os.fstat(handler.stream.fileno())
    except Exception:
        return None
    for other in sink_nodes:
        if (other.subject != <PyObject *>handler and other.ring_sink >= 0
                and other.sink_era == ring_era and fl_writer_is_on(
                    the_writer, other.ring_sink, status.st_dev, status.st_ino)):
            return other
    return None


cdef inline void forget_still(HandlerNode node) noexcept:
    node.still.count = 0
    node.still_known = 0


cdef int note_stream(HandlerNode node) except -1:
    """Remember which stream the sink is for; None: others could run, and changed it."""
    stream = node.ring_stream
    node.stream_ref = None if stream is None else _weakref.ref(stream)
    node.sink_fd = node.ring_fd
    return 0


cdef bint is_of_stream(HandlerNode node) except -1:
    """Whether a watching handler's `dev` and `ino` are those of its stream."""
    try:
        status = _os.fstat(node.ring_fd)
    except OSError:
        return False
    return status.st_dev == node.device and status.st_ino == node.inode


cdef bint is_on_stream(HandlerNode node) except -1:
    try:
        status = _os.fstat(node.ring_fd)
    except OSError:
        return False
    return fl_writer_is_on(the_writer, node.ring_sink, status.st_dev, status.st_ino)


cdef int leave_sink(HandlerNode node) except -1:
    """What is in the ring for it is still written; then the sink is closed."""
    cdef int sink = node.ring_sink
    if sink >= 0 and node.sink_era == ring_era and ring_is_ours():
        fl_writer_close_sink(the_writer, sink)
        node.stale = node.sink_kind != FL_SINK_STREAM
    node.left_sink = sink
    node.ring_sink = -1
    return 0


cdef str background_obstacle(HandlerNode node, object handler):
    """Why *handler* cannot write in the background; None: it can, *node* is filled."""
    cdef str reason, name
    cdef PyObject *found
    node.ring_stream = node.ring_buffer = node.ring_raw = None
    if not isinstance(handler, logging_names["StreamHandler"]):
        return f"a {type(handler).__qualname__} is not a StreamHandler"
    reason = hook_reason(handler) or state_reason(handler, ("filters", "formatter"))
    if reason is not None:
        return reason
    reason = method_reason(handler, "flush", known_methods.get("StreamHandler.flush"))
    if reason is not None:
        return reason
    if not locks_directly or node.lock is not None:
        for name in ("acquire", "release"):
            reason = method_reason(handler, name, known_methods.get("Handler." + name))
            if reason is not None:
                return reason
    found = _PyType_Lookup(Py_TYPE(<PyObject *>handler), "stream")
    if found != NULL and fl_is_descriptor(found):
        return "its stream is a property"
    reason = read_ring_stream(node, getattr(handler, "stream", None))
    if reason is not None:
        return reason
    if node.marked and node.emit_kind >= EMIT_ROTATING:
        return f"each of its files begins with a mark ({stream_encoding(handler)})"
    reason = base_reason("StreamHandler")
    if reason is None and isinstance(handler, logging_names["FileHandler"]):
        reason = base_reason("FileHandler")
    if reason is not None:
        return reason
    node.rolls = ROLLS_NONE
    node.ring_kind = FL_SINK_STREAM
    if not handlers_names:
        return None
    if isinstance(handler, handlers_names["BaseRotatingHandler"]):
        if node.emit_kind < EMIT_ROTATING:
            return "its emit() is Python code, which rolls its file over by itself"
        node.rolls = ROLLS_CALLER
        if node.emit_kind == EMIT_ROTATING and rotates_plainly(node, handler):
            node.rolls = ROLLS_WRITER
            node.ring_kind = FL_SINK_ROTATING
    elif isinstance(handler, handlers_names["WatchedFileHandler"]):
        if node.emit_kind != EMIT_WATCHED:
            return "its emit() is Python code, which opens its file anew by itself"
        node.rolls = ROLLS_CALLER
        if (getattr(handler, "mode", None) == "a" and node.path is not None
                and is_of_stream(node)
                and are_library_methods(handler, (
                    ("WatchedFileHandler", "reopenIfNeeded"),
                    ("FileHandler", "_open")))):
            node.rolls = ROLLS_WRITER
            node.ring_kind = FL_SINK_WATCHED
    return None


cdef object stream_encoding(object handler):
    return getattr(getattr(handler, "stream", None), "encoding", None)


cdef bint rotates_plainly(HandlerNode node, object handler) except -1:
    """Whether the writer can do all that doRollover() would."""
    cdef object count = getattr(handler, "backupCount", None)
    path = getattr(handler, "baseFilename", None)
    if type(count) is not int or not -2**31 < count < 2**31 or type(path) is not str:
        return False
    if (getattr(handler, "namer", None) is not None
            or getattr(handler, "rotator", None) is not None
            or getattr(handler, "mode", None) != "a" or node.sink != SINK_FILE):
        return False
    node.backups = count
    node.path = _os.fsencode(path)
    return are_library_methods(handler, (
        ("RotatingFileHandler", "doRollover"), ("BaseRotatingHandler", "rotate"),
        ("BaseRotatingHandler", "rotation_filename"), ("FileHandler", "_open"),
    ))


cdef bint are_library_methods(object handler, tuple methods) except -1:
    cdef str cls, name
    for cls, name in methods:
        expected = known_methods.get(f"{cls}.{name}")
        if expected is None or method_reason(handler, name, expected) is not None:
            return False
    return True


cdef str read_ring_stream(HandlerNode node, object stream):
    cdef object buffer, raw
    if stream is None:
        return "its stream is not open yet"
    if type(stream) is not _io.TextIOWrapper:
        return (f"its stream is a {type(stream).__module__}."
                f"{type(stream).__qualname__}, which has no file descriptor of its own")
    try:
        buffer = stream.buffer
        raw = buffer if type(buffer) is _io.FileIO else getattr(buffer, "raw", None)
        if (type(buffer) not in (_io.BufferedWriter, _io.FileIO)
                or type(raw) is not _io.FileIO):
            return (f"its stream writes to a {type(buffer).__qualname__}, which has no "
                    "file descriptor of its own")
        node.ring_fd = raw.fileno()
        node.marked = bool("".encode(stream.encoding))
        if node.marked and not stream.seekable():
            return f"its encoding, {stream.encoding}, begins with a mark"
    except Exception as error:
        return f"its stream: {error}"
    node.ring_stream = stream
    node.ring_buffer = buffer
    node.ring_raw = raw
    return None


cdef bint sink_is_ready(HandlerNode node) except -1:
    """Whether *node* has a sink in this process's ring; opened now if it can be."""
    cdef fl_sink_options options
    cdef bytes path
    cdef int sink
    if node.ring_sink >= 0 and node.sink_era == ring_era and ring_is_ours():
        return True
    if not node.background or not ring_ready() or not start_writer():
        return False
    if not switched_on:
        return False
    if node.stale:
        drain(node)
    if node.epoch != fl_epoch or not node.background:
        return False  # waiting for the ring let others change it
    if node.path is not None and node.ring_kind != FL_SINK_STREAM:
        path = node.path
    else:
        path = _os.fsencode(str(getattr(node.ring_stream, "name", node.ring_fd)))
    memset(&options, 0, sizeof(options))
    options.fd = node.ring_fd
    options.kind = node.ring_kind
    options.path = PyBytes_AS_STRING(<PyObject *>path)
    if node.terminator is not None:
        options.end_size = <uint32_t>len(node.terminator)
    options.max_bytes = node.max_bytes
    options.backups = node.backups
    options.empty_stays = not rotation_seeks
    sink = fl_writer_open_sink(the_writer, &options)
    if sink < 0:
        node.background = False
        node.background_reason = f"it got no sink: {_os.strerror(-sink)}"
        return False
    node.ring_sink = sink
    note_stream(node)
    node.sink_kind = node.ring_kind
    forget_still(node)
    node.sink_era = ring_era
    node.sink_max = node.max_bytes
    node.sink_end = node.terminator
    node.reopened_seen = 0
    node.tracked = -1
    if node not in sink_nodes:
        sink_nodes.append(node)
        fl_bump()  # for handlers that share its stream
    return True


cdef bint settle_stream(HandlerNode node) except -1:
    """Somebody used the stream: what the ring holds for it comes first, then what is
    pending there. False: it is no longer the stream that was read.
    """
    cdef PyObject *objects[3]
    cdef int count = 2
    cdef uint64_t epoch = fl_epoch
    if node.taken_by != 0:
        return False
    if overflow_policy == OVERFLOW_BLOCK:
        drain(node)
    elif node.ring_sink >= 0:
        flush_ring(node.ring_sink, 0.05)  # who does not wait, loses this order
    if epoch != fl_epoch or not node.background or node.taken_by != 0:
        return False
    node.shadow = None
    stream = node.ring_stream
    try:
        stream.flush()
        if stream.buffer is not node.ring_buffer or stream.fileno() != node.ring_fd:
            return False
        if node.sink == SINK_FILE and not same_stream(node, stream):
            return False
    except Exception:
        leave_sink(node)  # it was closed: nobody keeps its file open
        fl_bump()
        return False
    if epoch != fl_epoch or not node.background or node.taken_by != 0:
        return False
    objects[0] = <PyObject *>stream
    objects[1] = <PyObject *>node.ring_buffer
    if node.ring_raw is not node.ring_buffer:
        objects[2] = <PyObject *>node.ring_raw
        count = 3
    return fl_still_take(&node.still, objects, count) == 0


cdef int reopen_stream(HandlerNode node) except -1:
    """Let the handler's own stream follow a file that the writer opened anew."""
    if node.ring_sink >= 0 and node.sink_era == ring_era and (
            node.rolls == ROLLS_WRITER):
        follow_file(node, node.ring_sink)
    return 0


cdef int follow_file(HandlerNode node, int sink) except -1:
    cdef uint32_t reopened
    cdef object handler
    if node.subject == NULL or the_writer == NULL:
        return 0
    reopened = fl_writer_reopened(the_writer, sink)
    if reopened == node.reopened_seen:
        return 0
    node.reopened_seen = reopened
    handler = <object>node.subject
    handler.acquire()
    try:
        old = handler.stream
        if old is None or node.stream_ref is None or node.stream_ref() is not old:
            return 0  # somebody else's by now
        if old.closed:
            return 0  # by the program: its next use is an error
        handler.stream = stream = handler._open()
        node.stream_ref = _weakref.ref(stream)
        node.sink_fd = stream.fileno()
        old.close()
        if hasattr(handler, "_statstream"):
            handler._statstream()
    finally:
        handler.release()
    return 0


# -- the dictionary --------------------------------------------------------------------


cdef uint32_t known_id(uint32_t kind, bytes data) except? 0:
    """The id of *data*; 0: the dictionary is full."""
    cdef uint32_t found
    key = (kind, data)
    known = known_ids.get(key)
    if known is not None:
        return known
    found = fl_dictionary_add(&the_ring, kind, PyBytes_AS_STRING(<PyObject *>data),
                              <size_t>len(data))
    if found == 0:
        renew_dictionary()
        return 0
    known_ids[key] = found
    return found


cdef int renew_dictionary() except -1:
    """Begin it anew if nothing in the ring names its ids any more."""
    global edition, renewed_at
    cdef uint64_t tail = fl_ring_tail(&the_ring)
    # Who keeps making new messages would renew it for ever: not before a few turns.
    if fl_ring_is_drained(&the_ring) and tail - renewed_at > 4 * the_ring.mask:
        renewed_at = tail
        fl_ring_new_dictionary(&the_ring)
        known_ids.clear()
        edition += 1
    return 0


cdef uint64_t renewed_at = 0


cdef uint32_t text_id(object text) except? 0:
    """The id of *text*, an exact str; 0: it has none."""
    try:
        return known_id(FL_ENTRY_TEXT, text.encode("utf-8"))
    except UnicodeEncodeError:
        return 0


cdef uint32_t program_id(Program program, bytes end, uint32_t arguments) except? 0:
    """The id of *program*, followed by the literal *end*."""
    cdef Program whole = program
    cdef bytes packed
    cdef size_t size
    if end:
        whole = Program.__new__(Program)
        copy_program(program, whole)
        whole.literal(end.decode("utf-8"))
    size = fl_program_packed_size(&whole.native)
    packed = PyBytes_FromStringAndSize(NULL, <Py_ssize_t>size)
    fl_program_pack(&whole.native, arguments, PyBytes_AS_STRING(<PyObject *>packed))
    return known_id(FL_ENTRY_PROGRAM, packed)


cdef int copy_program(Program source, Program target) except -1:
    cdef uint32_t i
    cdef fl_op *op
    for i in range(source.native.count):
        op = &source.native.ops[i]
        if op.opcode == FL_OP_LITERAL:
            if fl_program_add_literal(&target.native,
                                      source.native.literals + op.value, op.size) < 0:
                raise MemoryError
        else:
            target.operation(op)
    return 0


# -- routes ----------------------------------------------------------------------------

cdef enum:
    LEVELS_KNOWN = 8
    # Attributes that are in the frame or follow from it.
    NOT_SENT = ((1 << 0) | (1 << 1) | (1 << 2) | (1 << 3) | (1 << 4) | (1 << 10)
                | (1 << 11) | (1 << 12))
    OF_THE_SITE = (1 << 5) | (1 << 6) | (1 << 7) | (1 << 8) | (1 << 9)


cdef bint make_route(LoggerNode node, Plan plan) except -1:
    """Tell the writer the way of *plan*'s records; False: the caller renders them."""
    cdef uint64_t now = edition
    plan.route_edition = now
    plan.route = 0
    if read_route(node, plan) and now == edition:
        return plan.route != 0
    plan.route = 0
    plan.route_edition = edition
    return False


cdef bint read_route(LoggerNode node, Plan plan) except -1:
    cdef fl_route route
    cdef HandlerNode target
    cdef FormatterNode formatting
    cdef uint64_t wanted = 0
    cdef uint64_t era
    cdef int count = 0
    cdef int stamp
    cdef int code
    memset(&route, 0, sizeof(route))
    if not plan.direct or not ring_ready() or not switched_on or not start_writer():
        return False
    if env_start_ns != clock_start[0] or env_start_seconds != clock_start_seconds[0]:
        return False
    era = ring_era
    plan.stamp_count = 0
    plan.level_count = 0
    for target in plan.handlers:
        if target.emit_kind == EMIT_NULL:
            continue
        if count == FL_TARGETS or not formats_natively(target):
            return False
        for stamp in range(count):
            if plan.target_nodes[stamp] == <PyObject *>target:
                return False  # a handler that is reached twice
        if not sink_is_ready(target) or era != ring_era or target.epoch != fl_epoch:
            return False
        formatting = target.formatter_node
        wanted |= formatting.program.wanted
        plan.target_levels[count] = target.level
        plan.target_nodes[count] = <PyObject *>target
        route.targets[count].sink = target.ring_sink
        route.targets[count].program = program_id(
            formatting.program, target.terminator, 0)
        if route.targets[count].program == 0:
            return False
        if formatting.uses_time:
            stamp = 0
            while (stamp < plan.stamp_count
                    and plan.stamp_nodes[stamp] != <PyObject *>formatting):
                stamp += 1
            plan.stamp_nodes[stamp] = <PyObject *>formatting
            if stamp == plan.stamp_count:
                plan.stamp_count += 1
            route.targets[count].stamp = stamp
            route.targets[count].flags = FL_STAMPED
            if formatting.with_msecs:
                route.targets[count].flags |= FL_WITH_MSECS
            if formatting.converter is _time.gmtime:
                route.targets[count].flags |= FL_UTC
            route.targets[count].time_format = text_id(formatting.second_format)
        count += 1
    if count == 0 or not fields_fit(plan):
        return False
    plan.target_count = count
    plan.sent = wanted & ~<uint64_t>NOT_SENT
    plan.sends_site = (plan.sent & <uint64_t>OF_THE_SITE) != 0
    plan.sent_count = 0
    for code in range(FIELDS):
        if plan.sent >> code & 1:
            plan.sent_codes[plan.sent_count] = code
            route.fields[plan.sent_count] = code
            plan.sent_count += 1
    route.name = text_id(node.name) if type(node.name) is str else 0
    route.field_count = plan.sent_count
    route.stamp_count = plan.stamp_count
    route.target_count = count
    if route.name == 0:
        return False
    plan.route = known_id(FL_ENTRY_ROUTE, (<char *>&route)[:sizeof(route)])
    return plan.route != 0


cdef bint formats_natively(HandlerNode node) except -1:
    """Whether the writer can make the lines of *node* from arguments."""
    return (
        node.background and node.sink == SINK_FILE and node.line_reason is None
        and node.emit_reason is None and node.formatter_node is not None
        and node.formatter_node.program is not None
        and not node.formatter_node.needs_record
        and not (node.rolls == ROLLS_CALLER and node.emit_kind != EMIT_TIMED)
    )


cdef bint fields_fit(Plan plan) except -1:
    """Whether every format takes the fields whose types are known beforehand."""
    cdef HandlerNode target
    cdef Program program
    cdef uint32_t tag
    cdef int code
    for code in range(FIELDS):
        plan.accepts[code] = <uint32_t>-1
    for target in plan.handlers:
        if target.emit_kind == EMIT_NULL:
            continue
        program = target.formatter_node.program
        for code in range(FIELDS):
            if program.wanted >> code & 1:
                plan.accepts[code] &= fl_program_accepts(&program.native, code)
    for code in range(FIELDS):
        tag = FL_TEXT
        if code == F_LEVELNO:
            tag = FL_INT
        elif code in (F_CREATED, F_MSECS, F_RELATIVE):
            tag = FL_FLOAT
        elif code >= F_PATHNAME and not (code == F_LINENO):
            continue  # checked for each record
        elif code == F_LINENO:
            tag = FL_INT
        if not plan.accepts[code] >> tag & 1:
            return False
    return True


cdef uint32_t level_id(Plan plan, int level) except? 0:
    """The id of the name of *level*, remembered under the epoch."""
    cdef int i
    cdef uint32_t found
    for i in range(plan.level_count):
        if plan.known_levels[i] == level:
            return plan.level_ids[i]
    name = level_name(level)
    if type(name) is not str:
        return 0
    found = text_id(name)
    if found and plan.level_count < LEVELS_KNOWN and env_level_names is not None:
        plan.known_levels[plan.level_count] = level
        plan.level_ids[plan.level_count] = found
        plan.level_count += 1
    return found


cdef bint site_has_ids(CallSite site) except -1:
    """Give the texts of *site* their ids, once in an edition."""
    cdef uint64_t now = edition
    if site.edition == now:
        return site.ids[0] != 0
    site.edition = now
    site.ids[0] = 0
    if not (type(site.pathname) is str and type(site.function) is str):
        return False
    site.ids[1] = text_id(site.filename)
    site.ids[2] = text_id(site.module)
    site.ids[4] = text_id(site.function)
    site.ids[3] = text_id(site.pathname)
    if site.ids[1] and site.ids[2] and site.ids[4] and site.ids[3]:
        site.line = site.lineno
        site.ids[0] = site.ids[3]
    if now != edition:
        site.edition = 0
        return False
    return site.ids[0] != 0
