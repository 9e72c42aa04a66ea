# Into the ring: a record as its arguments, or a line that was rendered here. From the
# place in the ring to the commit no Python code runs and the GIL is not released.

from libc.string cimport memcpy

cdef enum:
    DROPPED = 3
    ROOM_WANTED = 2048


cdef int wait_for_room(size_t need) except -1:
    """The ring is full. WRITTEN: there was room again meanwhile; DROPPED: forget the
    record; UNTOUCHED: the caller writes it. Signal handlers run meanwhile.
    """
    global ring_users
    cdef size_t wanted = max(need, (the_ring.mask + 1) // 4)
    cdef uint64_t era = ring_era
    cdef int status
    if overflow_policy == OVERFLOW_DROP:
        fl_ring_wake(&the_ring)
        return DROPPED
    if overflow_policy == OVERFLOW_SYNC:
        return UNTOUCHED
    while True:
        ring_users += 1
        with nogil:
            status = fl_ring_wait_for_room(&the_ring, wanted, 1000000000)
        if era != ring_era:
            return WRITTEN  # another ring, or another process: look again
        ring_users -= 1
        if status == 1 or not ring_is_ours():
            return WRITTEN
        if status == -EINTR:
            PyErr_CheckSignals()


cdef int count_drop(HandlerNode node, int level) except -1:
    """Count a line; the log will say so."""
    cdef uint32_t named = 0
    dropped_lines[level] = dropped_lines.get(level, 0) + 1
    name = level_name(level)
    if type(name) is str:
        named = text_id(name)
    if node.ring_sink >= 0 and node.sink_era == ring_era:
        fl_writer_drop(the_writer, node.ring_sink, level, named)
    return 0


cdef int push_line(HandlerNode node, const char *data, size_t size,
                   int level) except -1:
    """Put a finished line into the ring: WRITTEN, or UNTOUCHED: it has to be written
    by the handler itself, after what the ring holds.
    """
    global count_lines
    cdef fl_pen pen
    cdef fl_frame *frame
    cdef size_t need = sizeof(fl_frame) + 16 + size
    cdef size_t room = 0
    cdef int verdict
    if not switched_on or not sink_is_ready(node):
        return UNTOUCHED
    if not fl_still_holds(&node.still) and not settle_stream(node):
        return UNTOUCHED
    while True:
        # The sink may have gone whenever others could run.
        if not sink_is_ready(node) or need > (the_ring.mask + 1) // 2:
            return UNTOUCHED
        room = fl_ring_room(&the_ring, need)
        if room >= need:
            break
        verdict = wait_for_room(need)
        if verdict == DROPPED:
            count_drop(node, level)
            return WRITTEN
        if verdict == UNTOUCHED:
            return UNTOUCHED
    frame = <fl_frame *>fl_ring_place(&the_ring)
    pen.at = <char *>(frame + 1)
    pen.end = <char *>frame + room
    pen.count = 0
    fl_pen_text(&pen, data, size)
    frame.clock = 0
    frame.message = 0
    frame.level_name = 0
    frame.route = node.ring_sink
    frame.targets = 0
    fl_finish_frame(&the_ring, frame, &pen, FL_FRAME_LINE, level, 1)
    node.tracked += <int64_t>size
    count_lines += 1
    return WRITTEN


cdef int push_record(LoggerNode node, Plan plan, int level, fl_args args, int first,
                     Py_ssize_t nargs, Moment *moment) except -1:
    """Put the arguments of a log call into the ring, for all of its handlers.

    WRITTEN, or UNTOUCHED: nothing has happened.
    """
    global count_calls, count_pushes
    cdef fl_value sent[FIELDS]
    cdef Held held
    cdef Program program = None
    cdef HandlerNode target
    cdef CallSite site = None
    cdef uint32_t mask = 0
    cdef uint32_t lines = 0
    cdef uint32_t named
    cdef uint64_t epoch = fl_epoch
    cdef bint looked_again = False
    cdef int i, status
    if plan.route_edition != edition or not ring_is_ours():
        if not make_route(node, plan):
            return UNTOUCHED
    if plan.route == 0:
        return UNTOUCHED
    for i in range(plan.target_count):
        if level < plan.target_levels[i]:
            continue
        target = <HandlerNode>plan.target_nodes[i]
        if not fl_still_holds(&target.still):
            return UNTOUCHED  # what waits there is flushed in front of a line only
        if target.emit_kind == EMIT_TIMED and (
                moment.created >= target.rollover_at or env_clock is not None):
            return UNTOUCHED
        mask |= <uint32_t>1 << i
        lines += 1
    if mask == 0:
        count_calls += 1
        return WRITTEN
    if nargs > first + 1:
        program = message_program(<object>args[first])
        if (program is None or not program.travels
                or PyUnicode_GET_LENGTH(<PyObject *>program.conversions)
                != nargs - first - 1):
            return UNTOUCHED
        if program.edition != edition:
            program.id = program_id(program, None, <uint32_t>(nargs - first - 1))
            program.edition = edition
            know_message(<object>args[first], program, nargs - first - 1)
        if program.id == 0:
            return UNTOUCHED
    if plan.sends_site:
        if not env_wants_caller:
            return UNTOUCHED
        site = caller_site(1)
        if site is None or site.lineno is None or not site_has_ids(site):
            return UNTOUCHED
    for i in range(plan.stamp_count):
        if not second_is_known(<FormatterNode>plan.stamp_nodes[i], moment):
            return UNTOUCHED
    named = level_id(plan, level)
    held.count = 0
    try:
        if plan.sent & ~<uint64_t>OF_THE_SITE:
            if not process_values(plan.sent, sent, &held):
                return UNTOUCHED
        # All that can run Python code is done.
        if epoch != fl_epoch or plan.route_edition != edition or named == 0:
            return UNTOUCHED
        while True:
            status = pen_record(plan, program, level, args + first, nargs - first,
                                moment, site, sent, named, mask, lines)
            if status == FL_PENNED:
                count_calls += 1
                count_pushes += 1
                return WRITTEN
            if status == FL_NO_FORM:
                return UNTOUCHED
            if not looked_again:
                looked_again = True
                fl_ring_room(&the_ring, the_ring.mask + 1)
                continue
            if fl_ring_room(&the_ring, 1) >= (the_ring.mask + 1) // 2:
                return UNTOUCHED  # too large
            looked_again = False
            status = wait_for_room((the_ring.mask + 1) // 2)
            if status == DROPPED:
                for i in range(plan.target_count):
                    if mask >> i & 1:
                        count_drop(<HandlerNode>plan.target_nodes[i], level)
                return WRITTEN
            if (status == UNTOUCHED or epoch != fl_epoch or not ring_is_ours()
                    or plan.route_edition != edition):
                return UNTOUCHED
    finally:
        release(&held)


cdef int know_message(object source, Program program, Py_ssize_t count) except -1:
    """Let the shortest way find *program* by the address of *source*."""
    cdef fl_known_message *known = &known_messages[fl_message_slot(<PyObject *>source)]
    known.source = NULL
    if message_sources[fl_message_slot(<PyObject *>source)] == <PyObject *>source:
        known.id = program.id
        known.count = <uint32_t>count
        known.accepts = program.accepts
        known.edition = program.edition if program.id else 0
        known.source = <PyObject *>source
    return 0


cdef bint second_is_known(FormatterNode node, Moment *moment) except -1:
    """Have the text of this second, as Formatter.formatTime makes it, in *node*."""
    cdef bytes known
    cdef uint64_t epoch = fl_epoch
    if not (0 <= moment.created < 1e11):
        return False
    if node.cacheable and node.stamp.second == <int64_t>moment.created:
        return True
    try:
        known = _time.strftime(
            node.second_format, node.converter(moment.created)).encode("utf-8")
    except Exception:
        return False
    if len(known) > FL_STAMP_BYTES or epoch != fl_epoch:
        return False
    memcpy(node.stamp.text, PyBytes_AS_STRING(<PyObject *>known), <size_t>len(known))
    node.stamp.size = <uint32_t>len(known)
    node.stamp.second = <int64_t>moment.created
    return True


cdef int shorten_way(LoggerNode node, object logger, Plan plan) except -1:
    """Let the next calls of *logger* take the shortest way, if it will do."""
    cdef fl_gate *gate = fl_gate_find(<PyObject *>logger)
    cdef HandlerNode target
    cdef fl_shortcut *way
    cdef int i
    cdef Py_ssize_t total = 0
    if (gate == NULL or plan.sent != 0 or plan.route == 0 or node.plan is not plan
            or plan.count > FL_SHORTCUT_LISTS or env_clock is not None
            or not (env_wants_caller <= env_caller) or env_factory is not LogRecord
            or node.epoch != fl_epoch):
        return 0
    for i in range(plan.count):
        total += plan.sizes[i]
    for i in range(plan.stamp_count):
        if not (<FormatterNode>plan.stamp_nodes[i]).cacheable:
            return 0
    if total > FL_SHORTCUT_HANDLERS:
        return 0
    if node.way == NULL:
        node.way = <fl_shortcut *>calloc(1, sizeof(fl_shortcut))
        if node.way == NULL:
            raise MemoryError
    way = node.way
    way.epoch = 0
    way.edition = plan.route_edition
    way.route = plan.route
    way.targets = plan.target_count
    way.stamps = plan.stamp_count
    way.levels = plan.level_count
    way.lists = plan.count
    way.filters = 1
    way.filter_lists[0] = <PyObject *>plan.filters
    for i in range(plan.target_count):
        target = <HandlerNode>plan.target_nodes[i]
        way.target_levels[i] = plan.target_levels[i]
        way.stills[i] = &target.still
        way.rollover_at[i] = 1e300
        if target.emit_kind == EMIT_TIMED:
            way.rollover_at[i] = <double>target.rollover_at
        way.filter_lists[way.filters] = <PyObject *>target.filters
        way.filters += 1
    for i in range(plan.stamp_count):
        way.stamp[i] = &(<FormatterNode>plan.stamp_nodes[i]).stamp
    for i in range(plan.level_count):
        way.known_levels[i] = plan.known_levels[i]
        way.level_ids[i] = plan.level_ids[i]
    for i in range(plan.count):
        way.handlers[i] = <PyObject *>PyList_GET_ITEM(
            <PyObject *>plan.handler_lists, i)
        way.sizes[i] = plan.sizes[i]
    for i in range(<int>total):
        way.expected[i] = plan.expected[i]
    way.epoch = node.epoch
    gate.way = way
    return 0


cdef int pen_record(Plan plan, Program program, int level, fl_args args,
                    Py_ssize_t count, Moment *moment, CallSite site, fl_value *sent,
                    uint32_t named, uint32_t mask, uint32_t lines) noexcept:
    """Write one frame and commit it; or say why not, with nothing done."""
    cdef fl_pen pen
    cdef size_t room = fl_ring_room(&the_ring, ROOM_WANTED)
    cdef fl_frame *frame = <fl_frame *>fl_ring_place(&the_ring)
    cdef int status = FL_PENNED
    cdef FormatterNode stamp
    cdef int code
    cdef Py_ssize_t i
    if room < sizeof(fl_frame) + 8:
        return FL_NO_ROOM
    pen.at = <char *>(frame + 1)
    pen.end = <char *>frame + room
    pen.count = 0
    if program is None:
        status = fl_pen_str(&pen, args[0])
        frame.message = 0
    else:
        for i in range(1, count):
            status = fl_pen_object(&pen, args[i], program.accepts[i - 1])
            if status != FL_PENNED:
                return status
        frame.message = program.id
    for i in range(plan.sent_count):
        if status != FL_PENNED:
            return status
        code = plan.sent_codes[i]
        if code == F_LINENO:
            sent[code].tag = FL_INT
            sent[code].of.integer = site.line
        elif F_PATHNAME <= code <= F_FUNCNAME:
            sent[code].tag = FL_NAMED
            sent[code].of.integer = site.ids[code - F_PATHNAME]
        if not plan.accepts[code] >> sent[code].tag & 1:
            return FL_NO_FORM
        status = fl_pen_value(&pen, &sent[code])
    for i in range(plan.stamp_count):
        if status != FL_PENNED:
            return status
        stamp = <FormatterNode>plan.stamp_nodes[i]
        if stamp.stamp.second != <int64_t>moment.created:
            return FL_NO_FORM  # another thread's second, while this one waited
        status = fl_pen_text(&pen, stamp.stamp.text, stamp.stamp.size)
    if status != FL_PENNED:
        return status
    frame.clock = moment.clock
    frame.level_name = named
    frame.route = plan.route
    frame.targets = mask
    fl_finish_frame(&the_ring, frame, &pen, FL_FRAME_RECORD, level, lines)
    return FL_PENNED


# -- a handler's emit() ----------------------------------------------------------------


cdef bint must_roll(HandlerNode node, int kind, const char *text,
                    size_t size) except -1:
    """Whether Python code of the file handlers has something to do before the line."""
    cdef int64_t position
    if node.rolls != ROLLS_CALLER or kind < EMIT_ROTATING:
        return False
    if kind != EMIT_ROTATING:
        return rolls_over(node, kind, text, size)
    if node.max_bytes <= 0:
        return False
    if node.tracked < 0:
        # Later on, what this process adds is all that is added.
        drain(node)
        position = fl_seek(node.ring_fd, True)
        if position < 0:
            return True
        node.tracked = position
    return node.tracked + <int64_t>fl_code_points(text, size) + 1 >= node.max_bytes


cdef int emit_in_background(HandlerNode node, object handler, object record,
                            dict fields, int kind, object emit) except -1:
    """What emit() of *kind* does, but for the writing; with the handler's lock held."""
    cdef fl_buffer out
    cdef Held held
    cdef object marker = None
    cdef object formatter = node.formatter
    cdef FormatterNode formatting = node.formatter_node
    cdef int status = UNTOUCHED
    cdef int level = level_of(fields)
    cdef unsigned long taken_before
    cdef bytes line = None
    if node.rolls == ROLLS_WRITER and kind != node.emit_kind:
        return emit_for_real(node, handler, record, emit)  # within emit() of `kind`
    if (kind == EMIT_ROTATING and node.max_bytes > 0
            and not has_quiet_arguments(fields)):
        # There, shouldRollover() formats too, and runs the user's __str__.
        return emit_for_real(node, handler, record, emit)
    if (formatting is None or fields is None or node.line_reason is not None
            or node.sink != SINK_FILE):
        return emit_by_proxy(node, handler, record, emit, level)
    held.count = 0
    fl_buffer_init(&out)
    try:
        try:
            marker = format_fields(formatting, formatter, record, fields, &out, &held)
        except RecursionError:
            raise
        except Exception:
            # Of a formatter that was replaced while it ran, see finish_plainly.
            handler.handleError(record)
            return 0
        if marker is None:
            line = out.data[:out.size]
            if node.epoch == fl_epoch and not must_roll(node, kind, out.data, out.size):
                if fl_put(&out, PyBytes_AS_STRING(<PyObject *>node.terminator),
                          <size_t>PyBytes_GET_SIZE(<PyObject *>node.terminator)) < 0:
                    raise MemoryError
                status = push_line(node, out.data, out.size, level)
    finally:
        release(&held)
        fl_buffer_free(&out)
    if marker is None:
        if status != WRITTEN:
            emit_itself(node, handler, record, decode(line, len(line)), emit)
    elif node.rolls == ROLLS_WRITER and (
            kind == EMIT_WATCHED or kind == EMIT_ROTATING and node.max_bytes > 0):
        # What fails there, fails in shouldRollover(), or on another file.
        if type(marker) is str:
            emit_itself(node, handler, record, marker, emit)
        elif kind == EMIT_WATCHED:
            taken_before = hold_file(node)
            try:
                emit_plainly(emit, handler, record, marker)
            finally:
                node.taken_by = taken_before
        else:  # its text is the interpreter's own, and may be made again
            if marker is not True:
                fl_replay_end(marker)
            emit_for_real(node, handler, record, emit)
    elif type(marker) is str:
        node.ready_record = <PyObject *>record
        node.ready_text = marker
        try:
            emit_by_proxy(node, handler, record, emit, level)
        finally:
            node.ready_record = NULL
            node.ready_text = None
    else:
        emit_plainly(emit, make_proxy(node, handler, level), record, marker)
    return 0


cdef frozenset quiet_containers = frozenset((list, tuple, dict, set, frozenset))
cdef frozenset quiet_types = frozenset((bytes, bytearray, complex, range, type))


cdef bint is_quiet(object subject, int depth) except -1:
    """Whether the text of *subject* is made by the interpreter's own code alone."""
    if is_plain_value(<PyObject *>subject) or type(subject) in quiet_types:
        return True
    if type(subject) not in quiet_containers or depth == 0 or len(subject) > 100:
        return False
    if type(subject) is dict:
        for key, value in subject.items():
            if not is_quiet(key, depth - 1) or not is_quiet(value, depth - 1):
                return False
        return True
    for value in subject:
        if not is_quiet(value, depth - 1):
            return False
    return True


cdef bint has_quiet_arguments(dict fields) except -1:
    cdef PyObject *message
    cdef PyObject *args
    if fields is None:
        return False
    message = PyDict_GetItemWithError(fields, "msg")
    args = PyDict_GetItemWithError(fields, "args")
    return (message != NULL and args != NULL and PyUnicode_CheckExact(message)
            and is_quiet(<object>args, 4))


cdef int level_of(dict fields) except -1:
    cdef PyObject *found
    cdef int overflow = 0
    cdef long long level
    if fields is None:
        return 0
    found = PyDict_GetItemWithError(fields, "levelno")
    if found == NULL or not PyLong_CheckExact(found):
        return 0
    level = PyLong_AsLongLongAndOverflow(<object>found, &overflow)
    return <int>level if overflow == 0 and 0 <= level < 2**31 else 0


cdef int emit_itself(HandlerNode node, object handler, object record, object text,
                     object emit) except -1:
    """Let the library's emit() write, after what the ring holds."""
    cdef unsigned long before = hold_file(node)
    try:
        emit_text(node, handler, record, text, emit)
    finally:
        node.taken_by = before
    return 0


cdef int emit_for_real(HandlerNode node, object handler, object record,
                       object emit) except -1:
    """Let the library's emit() do it all, after what the ring holds."""
    cdef unsigned long before = hold_file(node)
    try:
        emit(handler, record)
    finally:
        node.taken_by = before
    return 0


cdef unsigned long hold_file(HandlerNode node) except? 0:
    """Let nobody push until `taken_by` is what this returns, write what the ring holds,
    and have the handler's stream on the present file.
    """
    cdef unsigned long before = node.taken_by
    node.taken_by = PyThread_get_thread_ident()
    forget_still(node)
    node.tracked = -1
    try:
        drain(node)
        if node.rolls == ROLLS_WRITER:
            reopen_stream(node)
    except BaseException:
        node.taken_by = before
        raise
    return before


cdef int emit_by_proxy(HandlerNode node, object handler, object record, object emit,
                       int level) except -1:
    """Let the library's emit(), with its frames and its errors, write to the ring."""
    # What waits in the stream is flushed in front of a line, not of an error.
    if (not sink_is_ready(node) or node.taken_by != 0 or node.ring_stream is None
            or node.ring_stream.closed):
        return emit_for_real(node, handler, record, emit)
    if node.marked and begins_with_mark(node):
        emit(handler, record)
        return 0
    if node.rolls == ROLLS_CALLER and node.emit_kind == EMIT_ROTATING:
        drain(node)  # shouldRollover() asks the stream how long the file is
    emit(make_proxy(node, handler, level), record)
    return 0
