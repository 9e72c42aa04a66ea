# The way of each handler: decided from the live objects, remembered under the epoch.

cdef enum:
    # Whose emit() a handler has.
    EMIT_PYTHON, EMIT_NULL, EMIT_STREAM, EMIT_FILE, EMIT_ROTATING, EMIT_TIMED
    EMIT_WATCHED
    # Where its lines can go without the stream's own methods.
    SINK_NONE, SINK_FILE, SINK_STRING
    REFERENTS = 12


@cython.final
cdef class HandlerNode(Node):
    """What Handler.handle and emit would do."""

    cdef str handle_reason  # why handle() is called in Python; None: done here
    cdef str emit_reason  # why emit() is; None: done here
    cdef str line_reason  # why a line is not formatted here, whoever's emit() asks
    cdef str sink_reason  # why the stream's write() is called; None: written here
    cdef bint has_level
    cdef long level
    cdef object filters  # the handler's list
    cdef int emit_kind
    cdef object original_emit  # the standard library's function for emit_kind
    cdef bint base_patched  # StreamHandler.emit, which the others call, is another
    cdef object lock  # an RLock, or None
    cdef object formatter  # as set on the handler, or None
    cdef FormatterNode formatter_node
    cdef object stream
    cdef object buffer  # the stream's, when sink is SINK_FILE
    cdef int sink
    cdef int fd
    cdef PyObject *referents[REFERENTS]  # of the stream, when nothing is pending
    cdef int referent_count
    cdef list held  # keeps those alive that the stream may let go of
    cdef bytes terminator
    cdef int64_t max_bytes
    cdef int64_t rollover_at
    cdef bytes path
    cdef int64_t device
    cdef int64_t inode
    # A line that is formatted already, while emit() of the library writes it.
    cdef PyObject *ready_record
    cdef object ready_text
    cdef bytes rest  # of a line that the kernel took in part
    # In the background, see route.pxi.
    cdef bint background  # lines go through the ring
    cdef str background_reason  # why not, though that is wanted
    cdef object ring_stream, ring_buffer, ring_raw
    cdef object stream_ref  # weak: the stream that `still` and the sink are for
    cdef int sink_fd
    cdef int ring_fd
    cdef bint marked  # its encoding begins a file with a byte order mark
    cdef int ring_kind  # of the sink that it has or would get
    cdef int rolls  # who rolls the file over
    cdef int backups
    cdef fl_still still  # the stream, when nobody but us had used it
    cdef int still_known  # its count, while nobody holds the stream
    cdef int ring_sink  # -1: none
    cdef int left_sink  # the one it had before
    cdef int sink_kind
    cdef bint stale  # the left sink may be on another file than the handler's stream
    cdef uint64_t sink_era
    cdef int64_t sink_max  # max_bytes as the sink knows it
    cdef bytes sink_end  # ... and the end of a line
    cdef uint32_t reopened_seen
    cdef int64_t tracked  # length of the file with all that was pushed; -1: unknown
    cdef HandlerNode shares  # who writes to its stream in the background, or None
    cdef bint must_drain  # no longer in the background, but the ring may hold lines
    cdef unsigned long taken_by  # the thread whose Python code uses the file; 0: none
    cdef object shadow  # a stream into memory that encodes as the handler's does

    def __cinit__(self):
        self.ring_sink = -1
        self.left_sink = -1
        self.ring_fd = -1

    cdef int forget(self) except -1:
        self.filters = None
        self.original_emit = None
        self.lock = None
        self.formatter = None
        self.formatter_node = None
        self.stream = None
        self.buffer = None
        self.held = None
        self.shadow = None
        self.shares = None
        self.ring_stream = self.ring_buffer = self.ring_raw = None
        # What it refers to may go now; it counts again if the next reading finds it.
        if self.still.count != 0:
            self.still_known = self.still.count
            self.still.count = 0
        if self.subject == NULL:
            leave_sink(self)
            if self in sink_nodes:
                sink_nodes.remove(self)
        return 0

    cdef int read(self, object subject) except -1:
        cdef str reason = None
        # Others may look at it meanwhile: their lines come after those in the ring.
        self.must_drain = self.must_drain or self.background
        self.handle_reason = self.emit_reason = self.line_reason = "being read"
        self.sink = SINK_NONE
        self.sink_reason = None
        self.emit_kind = EMIT_PYTHON
        self.has_level = False
        self.base_patched = base_reason("StreamHandler") is not None
        reason = read_handler(self, subject)
        if isinstance(subject, logging_names["StreamHandler"]):
            self.line_reason = reason or read_emitter(self, subject)
        else:
            self.line_reason = "it is no StreamHandler"
        if self.emit_kind > EMIT_NULL:
            self.emit_reason = self.line_reason or read_file(self, subject)
        elif self.emit_kind == EMIT_NULL:
            self.emit_reason = None
        read_background(self, subject)
        self.handle_reason = reason
        return 0


cdef HandlerNode handler_node(object handler):
    """Return the node of *handler*, read under this epoch; None: it has none."""
    cdef Node node = find_node(handler)
    cdef HandlerNode found
    if node is None:
        if not isinstance(handler, logging_names["Handler"]):
            return None
        if not handlers_names:
            know_handlers()
        found = HandlerNode.__new__(HandlerNode)
        try:
            add_node(handler, found)
        except TypeError:
            return None
    elif type(node) is not HandlerNode:
        return None
    else:
        found = <HandlerNode>node
    if found.epoch != fl_epoch and not refresh(found, handler):
        return None
    return found


cdef str read_handler(HandlerNode node, object handler):
    """Fill what handle() needs; return why Python has to call it, or None."""
    cdef str reason, name
    cdef object level
    reason = hook_reason(handler) or state_reason(
        handler, ("level", "filters", "lock", "formatter", "terminator"))
    if reason is not None:
        return reason
    level = getattr(handler, "level", None)
    if type(level) is int and -2**62 < level < 2**62:
        node.has_level = True
        node.level = level
    else:
        return "its level is not a plain int"
    node.emit_kind = emit_kind_of(handler, node)
    if node.emit_kind == EMIT_NULL:
        return None
    for name in ("handle", "filter"):
        owner = "Filterer." if name == "filter" else "Handler."
        reason = method_reason(handler, name, known_methods.get(owner + name))
        if reason is not None:
            return reason
    if not locks_directly:
        for name in ("acquire", "release"):
            reason = method_reason(handler, name, known_methods.get("Handler." + name))
            if reason is not None:
                return reason
    node.filters = getattr(handler, "filters", None)
    if type(node.filters) is not list:
        return "its filters are not a plain list"
    node.lock = getattr(handler, "lock", None)
    if type(node.lock) is not rlock_type and (node.lock is not None or locks_directly):
        return "its lock is not a threading.RLock"
    return None


cdef object rlock_type = None
cdef bint locks_directly = False  # 3.13 and newer: `with self.lock`, not acquire()


cdef int emit_kind_of(object handler, HandlerNode node) except -1:
    """Whose emit() it is; with the reason when it is not one of ours."""
    cdef str reason = None
    cdef str name
    cdef int kind
    for name, kind in (
        ("StreamHandler", EMIT_STREAM), ("FileHandler", EMIT_FILE),
        ("BaseRotatingHandler", EMIT_ROTATING), ("WatchedFileHandler", EMIT_WATCHED),
        ("NullHandler", EMIT_NULL),
    ):
        method = known_methods.get(name + ".emit")
        if method is None or method_reason(handler, "emit", method) is not None:
            continue
        if kind == EMIT_NULL:
            reason = method_reason(handler, "handle",
                                   known_methods.get("NullHandler.handle"))
            if reason is not None:
                node.emit_reason = reason
                return EMIT_PYTHON
            return EMIT_NULL
        if kind == EMIT_ROTATING:
            if method_reason(handler, "shouldRollover", known_methods.get(
                    "TimedRotatingFileHandler.shouldRollover")) is None:
                kind = EMIT_TIMED
            else:
                reason = method_reason(handler, "shouldRollover", known_methods.get(
                    "RotatingFileHandler.shouldRollover"))
        elif kind == EMIT_WATCHED:
            reason = method_reason(handler, "reopenIfNeeded", known_methods.get(
                "WatchedFileHandler.reopenIfNeeded"))
        # The library's emit() calls that of its base by name.
        if reason is None and kind >= EMIT_FILE:
            reason = base_reason("StreamHandler")
        if reason is None and kind > EMIT_FILE:
            reason = base_reason("FileHandler")
        if reason is not None:
            node.emit_reason = reason
            return EMIT_PYTHON
        node.original_emit = (
            <object>(<fl_method *>method).original if fl_is_method(<PyObject *>method)
            else method
        )
        return kind
    node.emit_reason = method_reason(handler, "emit", None)
    for cls in type(handler).__mro__:
        if "emit" in (<object>cls).__dict__:
            node.emit_reason = f"{cls.__qualname__}.emit() is Python code"
            break
    return EMIT_PYTHON


cdef str base_reason(str name):
    cdef object cls = logging_names[name]
    cdef object method = known_methods.get(name + ".emit")
    if method is not None and cls.__dict__.get("emit") is method:
        return None
    return f"logging.{name}.emit is patched"


cdef str read_emitter(HandlerNode node, object handler):
    """Fill what a line needs; return why Python has to make it, or None."""
    cdef str reason
    cdef object value, formatter
    reason = method_reason(handler, "format", known_methods.get("Handler.format"))
    if reason is None:
        reason = method_reason(
            handler, "flush", known_methods.get("StreamHandler.flush"))
    if reason is not None:
        return reason
    formatter = getattr(handler, "formatter", None)
    if formatter is not None and fl_has_truth(Py_TYPE(<PyObject *>formatter)):
        return "its formatter may be false"
    node.formatter = env_default_formatter if formatter is None else formatter
    node.formatter_node = formatter_node(node.formatter)
    if node.formatter_node is None:
        return f"its formatter is a {type(node.formatter).__qualname__}"
    if node.formatter_node.reason is not None:
        return f"its formatter: {node.formatter_node.reason}"
    value = getattr(handler, "terminator", None)
    if type(value) is not str:
        return "its terminator is not a plain str"
    try:
        node.terminator = value.encode("utf-8")
    except UnicodeEncodeError:
        return "its terminator has no UTF-8 form"
    node.sink_reason = read_stream(node, handler)
    return None


cdef str read_stream(HandlerNode node, object handler):
    """Find the descriptor behind the stream; return why write() is called instead."""
    cdef PyObject *found = _PyType_Lookup(Py_TYPE(<PyObject *>handler), "stream")
    cdef object stream, buffer, raw, text
    cdef int i
    if found != NULL and fl_is_descriptor(found):
        return "its stream is a property"
    stream = getattr(handler, "stream", None)
    if stream is None:
        return "its stream is not open"
    if type(stream) is _io.StringIO:
        node.stream = stream
        node.sink = SINK_STRING
        return None
    if type(stream) is not _io.TextIOWrapper:
        return f"its stream is a {type(stream).__module__}.{type(stream).__qualname__}"
    try:
        buffer = stream.buffer
        # Under -u, the text goes straight to the file.
        raw = buffer if type(buffer) is _io.FileIO else getattr(buffer, "raw", None)
        if (type(buffer) not in (_io.BufferedWriter, _io.FileIO)
                or type(raw) is not _io.FileIO):
            return f"its stream writes to a {type(buffer).__qualname__}"
        if _codecs.lookup(stream.encoding).name != "utf-8":
            return f"its stream's encoding is {stream.encoding}"
        node.fd = raw.fileno()
    except Exception as error:
        return f"its stream: {error}"
    if not streams_tell_newlines:
        return "this interpreter hides how a stream translates line ends"
    node.referent_count = fl_referents(<PyObject *>stream, node.referents, REFERENTS)
    if node.referent_count > REFERENTS:
        return "its stream cannot be looked into"
    for i in range(node.referent_count):
        text = <object>node.referents[i]
        if type(text) is str and text in ("\r", "\r\n"):
            return "its stream translates line ends"
    node.referent_count = 0  # taken once nothing is pending, see same_stream
    node.stream = stream
    node.buffer = buffer
    node.sink = SINK_FILE
    return None


cdef bint same_stream(HandlerNode node, object stream) except -1:
    """Whether the stream, just flushed, is still what read_stream saw.

    A text stream tells the collector of its encoding, its error handler, the line
    end it translates to, its buffer and its pending text: they must be the same
    objects, and nothing pending.
    """
    cdef PyObject *found[REFERENTS]
    cdef int count = fl_referents(<PyObject *>stream, found, REFERENTS)
    cdef int i
    cdef object text
    if node.referent_count != 0:
        if count != node.referent_count:
            return False
        for i in range(count):
            if found[i] != node.referents[i]:
                return False
        return True
    if count > REFERENTS:
        return False
    node.held = []
    for i in range(count):
        text = <object>found[i]
        if type(text) is bytes or type(text) is list:
            return False
        node.held.append(text)
        node.referents[i] = found[i]
    if read_stream_again(node, stream) is not None:
        return False
    node.referent_count = count
    return True


cdef str read_stream_again(HandlerNode node, object stream):
    """What read_stream checks, once more: it may have been reconfigured since."""
    cdef object text
    try:
        if _codecs.lookup(stream.encoding).name != "utf-8":
            return "encoding"
        if getattr(stream.buffer, "raw", stream.buffer).fileno() != node.fd:
            return "descriptor"
    except Exception as error:
        return str(error)
    for text in node.held:
        if type(text) is str and text in ("\r", "\r\n"):
            return "line ends"
    return None


cdef bint streams_tell_newlines = False


cdef bint probe_streams() except -1:
    """Whether a stream's line end and pending text show among its referents."""
    cdef object stream = _io.TextIOWrapper(
        _io.BufferedWriter(_io.FileIO(_os.devnull, "w")),
        encoding="utf-8", newline="\r\n",
    )
    cdef PyObject *found[REFERENTS]
    cdef int count = fl_referents(<PyObject *>stream, found, REFERENTS)
    cdef int i
    cdef bint told = False
    for i in range(min(count, REFERENTS)):
        if type(<object>found[i]) is str and <object>found[i] == "\r\n":
            told = True
    stream.write("pending")
    if fl_referents(<PyObject *>stream, found, REFERENTS) == count:
        told = False
    stream.close()
    return told and _os.linesep == "\n" and _os.name == "posix"


cdef str read_file(HandlerNode node, object handler):
    """Fill what the file handlers look at before each line."""
    cdef object value
    if node.sink == SINK_STRING:
        node.sink = SINK_NONE if node.emit_kind > EMIT_FILE else SINK_STRING
        return None
    if node.emit_kind == EMIT_ROTATING:
        if state_reason(handler, ("maxBytes",)) is not None:
            return "its maxBytes is a property"
        value = getattr(handler, "maxBytes", None)
        if type(value) is not int or value >= 2**62:
            return "its maxBytes is not a plain int"
        node.max_bytes = value
    elif node.emit_kind == EMIT_TIMED:
        if state_reason(handler, ("rolloverAt",)) is not None:
            return "its rolloverAt is a property"
        value = getattr(handler, "rolloverAt", None)
        if type(value) is not int or not -2**62 < value < 2**62:
            return "its rolloverAt is not a plain int"
        node.rollover_at = value
        if handlers_names.get("time") is not _time:
            return "logging.handlers.time is patched"
    elif node.emit_kind == EMIT_WATCHED:
        if state_reason(handler, ("dev", "ino", "baseFilename")) is not None:
            return "its dev, ino or baseFilename is a property"
        value = getattr(handler, "baseFilename", None)
        if type(value) is not str:
            return "its baseFilename is not a plain str"
        node.path = _os.fsencode(value)
        node.device = getattr(handler, "dev", -1)
        node.inode = getattr(handler, "ino", -1)
        if handlers_names.get("os") is not _os:
            return "logging.handlers.os is patched"
    return None
