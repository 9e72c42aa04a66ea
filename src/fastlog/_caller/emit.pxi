# Formatter.format, Handler.format and the emit() of the stream and file handlers,
# for a record that exists.

cdef object format_fields(FormatterNode node, object formatter, object record,
                          dict fields, fl_buffer *out, Held *held):
    """Formatter.format into *out*. None: done; a str: it is the text. Anything else
    goes to rerun().

    In the order of the standard library: message, time, the line, the exception
    (its text is cached on the record), the stack.
    """
    global count_formats
    cdef Rendering rendering
    cdef uint64_t epoch = fl_epoch
    cdef fl_value values[VALUES]
    cdef fl_buffer message
    cdef fl_buffer stamp
    cdef object text
    cdef object changed = None
    cdef PyObject *rendered
    cdef bint done = False
    if not has_message(fields, &rendering):
        return True
    fl_buffer_init(&message)
    values[F_MESSAGE].tag = FL_MISSING
    rendered = (<raw_render><void *>render_message)(
        <PyObject *>fields, &rendering, &message, held, &values[F_MESSAGE])
    if rendered == NULL:
        fl_buffer_free(&message)
        return failure_marker(fields, &rendering)
    text = <object>rendered
    Py_DECREF(text)
    fl_buffer_init(&stamp)
    try:
        fields["message"] = text
        fl_poll()
        if epoch != fl_epoch:
            # The user's __str__ changed something: this formatter goes on in Python.
            changed = fl_replay_new(fields, <PyObject *>text, rendering.in_str)
        else:
            done = finish_fields(node, formatter, fields, values, &message, &stamp,
                                 text, out, held)
    except Exception:
        done = False
    finally:
        fl_buffer_free(&message)
        fl_buffer_free(&stamp)
    if changed is not None:
        return finish_plainly(formatter, record, changed)
    if done:
        count_formats += 1
        return None
    out.size = 0
    if rendering.user_code:
        return fl_replay_new(fields, <PyObject *>text, rendering.in_str)
    return True


cdef object finish_plainly(object formatter, object record, object replay):
    """The text that *formatter*'s own Python code makes of a known message."""
    cdef object function = known_methods["Formatter.format"]
    fl_plain_enter()
    try:
        return (<object>(<fl_method *>function).original)(formatter, record)
    finally:
        fl_plain_leave()
        fl_replay_end(replay)


cdef bint finish_fields(FormatterNode node, object formatter, dict fields,
                        fl_value *values, fl_buffer *message, fl_buffer *stamp,
                        object text, fl_buffer *out, Held *held) except -1:
    """Everything after the message; False: Python has to do it."""
    cdef PyObject *found
    cdef object key
    cdef int code, i
    cdef Program program = node.program
    cdef tuple keys, codes
    if program is None:
        return False
    keys = program.keys
    codes = program.codes
    if not PyUnicode_CheckExact(<PyObject *>text):
        return False
    if values[F_MESSAGE].tag != FL_TEXT:
        if not text_value(<PyObject *>text, &values[F_MESSAGE], held):
            return False
    if node.uses_time:
        if not stamp_fields(node, fields, values, stamp):
            return False
    for i in range(<int>PyTuple_GET_SIZE(<PyObject *>codes)):
        code = <object>PyTuple_GET_ITEM(<PyObject *>codes, i)
        if code == F_MESSAGE or (code == F_ASCTIME and node.uses_time):
            continue
        key = <object>PyTuple_GET_ITEM(<PyObject *>keys, i)
        found = PyDict_GetItemWithError(fields, key)
        if found == NULL and node.defaults is not None:
            found = PyDict_GetItemWithError(node.defaults, key)
        if found == NULL or not value_of(found, &values[code], held):
            return False
    if node.strict_keys and not keys_are_names(node, fields):
        return False
    if fl_program_run(&program.native, values, out) < 0:
        return False
    return append_extras(formatter, fields, keys, out, held)


cdef bint stamp_fields(FormatterNode node, dict fields, fl_value *values,
                       fl_buffer *stamp) except -1:
    """Set asctime from the record's own time."""
    cdef PyObject *created = PyDict_GetItemWithError(fields, "created")
    cdef PyObject *msecs = PyDict_GetItemWithError(fields, "msecs")
    cdef double milliseconds = 0
    if created == NULL or not PyFloat_CheckExact(created):
        return False
    if node.with_msecs:
        if msecs == NULL or not PyFloat_CheckExact(msecs):
            return False
        milliseconds = PyFloat_AS_DOUBLE(msecs)
    if not format_time(node, PyFloat_AS_DOUBLE(created), milliseconds, stamp):
        return False
    fields["asctime"] = decode(stamp.data, stamp.size)
    values[F_ASCTIME].tag = FL_TEXT
    values[F_ASCTIME].of.text.data = stamp.data
    values[F_ASCTIME].of.text.size = stamp.size
    return True


cdef bint keys_are_names(FormatterNode node, dict fields) except -1:
    """Keywords must be strings: `{` and `$` refuse a record that has other keys."""
    cdef object key
    for key in fields:
        if type(key) is not str:
            return False
    if node.defaults is not None:
        for key in node.defaults:
            if type(key) is not str:
                return False
    return True


cdef bint append_extras(object formatter, dict fields, tuple keys, fl_buffer *out,
                        Held *held) except -1:
    """The exception's text and the stack, each on lines of its own."""
    cdef PyObject *exc_info = PyDict_GetItemWithError(fields, "exc_info")
    cdef PyObject *exc_text = PyDict_GetItemWithError(fields, "exc_text")
    cdef PyObject *stack = PyDict_GetItemWithError(fields, "stack_info")
    cdef object text = None
    if exc_info == NULL or exc_text == NULL or stack == NULL:
        return False
    if exc_info == Py_None and exc_text == Py_None and stack == Py_None:
        return True
    # Each is asked for its truth by the standard library: odd ones only by it.
    if not (exc_info == Py_None or exc_info == Py_False
            or PyTuple_CheckExact(exc_info)):
        return False
    if not (exc_text == Py_None or PyUnicode_CheckExact(exc_text)):
        return False
    if not (stack == Py_None or PyUnicode_CheckExact(stack)):
        return False
    if exc_info != Py_None and <object>exc_info and not <object>exc_text:
        text = formatter.formatException(<object>exc_info)
        fields["exc_text"] = text
        exc_text = <PyObject *>text
    if exc_text != Py_None and not append_text(exc_text, out, held):
        # Python's own run must not format the exception again; but a format that
        # shows exc_text must find what this run found.
        if text is not None and "exc_text" in keys:
            fields["exc_text"] = None
        return False
    if stack != Py_None:
        return append_text(stack, out, held)
    return True


cdef bint append_text(PyObject *text, fl_buffer *out, Held *held) except -1:
    cdef fl_value value
    if not PyUnicode_CheckExact(text):
        return False
    if PyUnicode_GET_LENGTH(text) == 0:
        return True
    if not text_value(text, &value, held):
        return False
    if out.size == 0 or out.data[out.size - 1] != c"\n":
        if fl_put(out, "\n", 1) < 0:
            raise MemoryError
    if fl_put(out, value.of.text.data, value.of.text.size) < 0:
        raise MemoryError
    return True


cdef object format_method(object method, fl_args args, Py_ssize_t nargs,
                          PyObject *kwnames):
    """Formatter.format(self, record)"""
    cdef FormatterNode node
    cdef dict fields
    if not settle():
        return fl_call_original(method, args, nargs, kwnames)
    if nargs != 2 or kwnames != NULL:
        return fl_call_original(method, args, nargs, kwnames)
    node = formatter_node(<object>args[0])
    if node is None or node.reason is not None:
        return fl_call_original(method, args, nargs, kwnames)
    fields = fields_of(<object>args[1])
    if fields is None:
        return fl_call_original(method, args, nargs, kwnames)
    return format_or_rerun(method, args, node, <object>args[0], fields)


cdef object format_or_rerun(object method, fl_args args, FormatterNode node,
                            object formatter, dict fields):
    """The text of the record args[1]; or *method*'s original makes it, or the error."""
    cdef fl_buffer out
    cdef Held held
    cdef object marker
    held.count = 0
    fl_buffer_init(&out)
    try:
        marker = format_fields(node, formatter, <object>args[1], fields, &out, &held)
        if marker is None:
            return decode(out.data, out.size)
        if type(marker) is str:
            return marker
    finally:
        release(&held)
        fl_buffer_free(&out)
    return rerun(method, args, 2, marker)


cdef object handler_format(object method, fl_args args, Py_ssize_t nargs,
                           PyObject *kwnames):
    """Handler.format(self, record)"""
    cdef HandlerNode node
    cdef FormatterNode formatting
    cdef dict fields
    cdef object formatter
    if not settle():
        return fl_call_original(method, args, nargs, kwnames)
    if nargs != 2 or kwnames != NULL:
        return fl_call_original(method, args, nargs, kwnames)
    node = handler_node(<object>args[0])
    if node is None:
        return fl_call_original(method, args, nargs, kwnames)
    if node.ready_record == args[1] and node.ready_text is not None:
        return node.ready_text
    formatter = getattr(<object>args[0], "formatter", None)
    if formatter is None:
        formatter = env_default_formatter
    elif fl_has_truth(Py_TYPE(<PyObject *>formatter)):
        return fl_call_original(method, args, nargs, kwnames)
    formatting = formatter_node(formatter)
    if formatting is None or formatting.reason is not None:
        return fl_call_original(method, args, nargs, kwnames)
    fields = fields_of(<object>args[1])
    if fields is None:
        return fl_call_original(method, args, nargs, kwnames)
    return format_or_rerun(method, args, formatting, formatter, fields)


cdef bint rolls_over(HandlerNode node, int kind, const char *text,
                     size_t size) except -1:
    """Whether the file handlers' Python code has something to do before the line."""
    cdef int64_t device = 0
    cdef int64_t inode = 0
    cdef int64_t position, now
    if kind == EMIT_ROTATING:
        if node.max_bytes <= 0:
            return False
        try:
            PyObject_CallMethodNoArgs(node.stream, "flush")
        except Exception:
            return True
        position = fl_seek(node.fd, rotation_seeks)
        if position < 0:
            return True
        # The standard library counts the characters of the text and a newline.
        return (position + <int64_t>fl_code_points(text, size) + 1
                >= node.max_bytes)
    if kind == EMIT_TIMED:
        if env_clock is None and fl_builtin_address(_time.time) == time_address:
            now = fl_realtime_ns() // 1000000000
        else:
            return True
        return now >= node.rollover_at
    if kind == EMIT_WATCHED:
        if fl_file_status(node.path, &device, &inode) < 0:
            return True
        return device != node.device or inode != node.inode
    return False


cdef bint rotation_seeks = False
cdef void *time_address = NULL


cdef int emit_record(HandlerNode node, object handler, object record, dict fields,
                     int kind, object emit) except -1:
    """What emit() of *kind* does; *emit* is the library's own function for it."""
    cdef fl_buffer out
    cdef Held held
    cdef object marker = None
    cdef object rest = None
    cdef object formatter = node.formatter
    cdef FormatterNode formatting = node.formatter_node
    cdef int status = UNTOUCHED
    cdef size_t size
    cdef bytes line = None
    if node.background:
        return emit_in_background(node, handler, record, fields, kind, emit)
    if node.must_drain or node.shares is not None:
        drain(node)
        if node.epoch != fl_epoch:
            emit(handler, record)
            return 0
    if (formatting is None or fields is None or node.line_reason is not None
            or node.sink == SINK_NONE and kind != EMIT_STREAM
            or kind > EMIT_FILE and node.emit_reason is not None):
        emit(handler, record)
        return 0
    if kind == EMIT_ROTATING and not has_plain_arguments(fields):
        # There, format() runs twice, and so would the user's __str__.
        emit(handler, record)
        return 0
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
            size = out.size
            if (node.epoch != fl_epoch or node.sink == SINK_NONE
                    or kind >= EMIT_ROTATING
                    and rolls_over(node, kind, out.data, size)):
                line = out.data[:size]
                status = UNTOUCHED
            else:
                if fl_put(&out, PyBytes_AS_STRING(<PyObject *>node.terminator),
                          <size_t>PyBytes_GET_SIZE(<PyObject *>node.terminator)) < 0:
                    raise MemoryError
                status = write_line(node, &out, 0)
                rest = node.rest
                node.rest = None
                line = None if status == WRITTEN else <bytes>out.data[:size]
    finally:
        release(&held)
        fl_buffer_free(&out)
    if type(marker) is str:
        emit_text(node, handler, record, marker, emit)
    elif marker is not None:
        emit_plainly(emit, handler, record, marker)
    elif status == UNTOUCHED:
        emit_text(node, handler, record, decode(line, len(line)), emit)
    elif status == REST:
        write_by_stream(node, handler, record, rest, emit)
    return 0


cdef bint has_plain_arguments(dict fields) except -1:
    cdef PyObject *message = PyDict_GetItemWithError(fields, "msg")
    cdef PyObject *args = PyDict_GetItemWithError(fields, "args")
    cdef Py_ssize_t i
    if message == NULL or args == NULL or not PyUnicode_CheckExact(message):
        return False
    if args == Py_None:
        return True
    if not PyTuple_CheckExact(args):
        return False
    for i in range(PyTuple_GET_SIZE(args)):
        if not is_plain_value(PyTuple_GET_ITEM(args, i)):
            return False
    return True


cdef int emit_plainly(object emit, object handler, object record,
                      object marker) except -1:
    global fl_originals
    fl_originals += 1
    fl_plain_enter()
    try:
        emit(handler, record)
    finally:
        fl_plain_leave()
        if marker is not True:
            fl_replay_end(marker)
    return 0


cdef int emit_text(HandlerNode node, object handler, object record, object text,
                   object emit) except -1:
    """Call *emit*, the library's, with the text that format() will return."""
    cdef PyObject *outer_record = node.ready_record
    cdef object outer_text = node.ready_text
    node.ready_record = <PyObject *>record
    node.ready_text = text
    try:
        emit(handler, record)
    finally:
        node.ready_record = outer_record
        node.ready_text = outer_text
    return 0


cdef object emit_method(object method, fl_args args, Py_ssize_t nargs,
                        PyObject *kwnames):
    """StreamHandler.emit, FileHandler.emit and so on: (self, record)"""
    cdef HandlerNode node
    cdef int kind = (<fl_method *>method).level
    cdef object lock
    if nargs != 2 or kwnames != NULL or type(<object>args[0]) is Proxy:
        return fl_call_original(method, args, nargs, kwnames)
    node = handler_node(<object>args[0]) if settle() else None
    if node is None and not fl_is_plain():
        # Another thread reads; this line must not overtake those in the ring.
        flush_ring(-1, -1)
    if node is not None and not node.background and (
            node.must_drain or node.stale or node.shares is not None):
        drain(node)
        node = handler_node(<object>args[0]) if settle() else None
    if node is not None and node.base_patched and kind > EMIT_STREAM:
        return fl_call_original(method, args, nargs, kwnames)
    if node is not None and kind >= EMIT_ROTATING:
        # BaseRotatingHandler.emit serves two kinds, and any subclass.
        if node.emit_kind < EMIT_ROTATING or (
                (kind == EMIT_WATCHED) != (node.emit_kind == EMIT_WATCHED)):
            return fl_call_original(method, args, nargs, kwnames)
        kind = node.emit_kind
    if (node is None or node.ready_record == args[1]
            or node.line_reason is not None and not node.background
            and not node.must_drain and node.shares is None):
        return fl_call_original(method, args, nargs, kwnames)
    lock = node.lock
    take_lock(lock)
    try:
        emit_record(node, <object>args[0], <object>args[1], fields_of(<object>args[1]),
                    kind, <object>(<fl_method *>method).original)
    finally:
        give_lock(lock)
    return None


cdef fl_quick acquire_lock, release_lock


cdef inline int take_lock(object lock) except -1:
    if lock is not None:
        fl_quick_call(&acquire_lock, lock)
    return 0


cdef inline int give_lock(object lock) except -1:
    if lock is not None:
        fl_quick_call(&release_lock, lock)
    return 0
