# What the library's emit() takes for a background handler whose line Python makes: its
# frames, its encoding and its errors are the standard library's, the bytes are ours.

cdef object make_proxy(HandlerNode node, object handler, int level):
    cdef Proxy proxy = Proxy.__new__(Proxy)
    proxy.node = node
    proxy.handler = handler
    proxy.level = level
    return proxy


@cython.final
cdef class Proxy:
    """What emit() takes for the handler: all is the handler's, but its stream."""

    cdef HandlerNode node
    cdef object handler
    cdef object shadow  # what `stream` was: the node may have another one by now
    cdef int level

    def __getattr__(self, name):
        """Return the handler's own, but for what the writer does in its place."""
        if self.node.rolls == ROLLS_WRITER:
            if name == "shouldRollover":
                return _types.MethodType(type(self.handler).shouldRollover, self)
            if name in ("doRollover", "reopenIfNeeded"):
                return nothing
        return getattr(self.handler, name)

    @property
    def stream(self):
        """Return what takes text for the ring; None while the handler has no stream."""
        cdef HandlerNode node = self.node
        if self.shadow is None and (
                self.handler.stream is not node.ring_stream or not node.background):
            return self.handler.stream
        if self.shadow is None:
            if node.shadow is None:
                node.shadow = make_shadow(node)
            self.shadow = node.shadow
        return self.shadow

    @stream.setter
    def stream(self, stream):
        self.handler.stream = stream

    def flush(self):
        """Put the text into the ring."""
        cdef HandlerNode node = self.node
        cdef bytes data
        if self.shadow is None:
            self.handler.flush()
            return
        self.shadow.flush()
        pending = self.shadow.buffer
        data = pending.getvalue()[SHADOW_BEGIN:]
        pending.seek(SHADOW_BEGIN)
        pending.truncate()
        if push_line(node, data, len(data), self.level) != WRITTEN:
            drain(node)
            stream = self.handler.stream
            stream.flush()
            stream.buffer.write(data)
            stream.flush()


cdef enum:
    SHADOW_BEGIN = 4


cdef object nothing = lambda *_: None


cdef object make_shadow(HandlerNode node):
    """A text stream that encodes as the handler's does, into memory."""
    cdef object stream = node.ring_stream
    cdef PyObject *found[REFERENTS]
    cdef int count, i
    cdef str newline = "\n"
    memory = _io.BytesIO()
    # No mark is put where a stream has begun, see begins_with_mark.
    memory.write(b"\0" * SHADOW_BEGIN)
    count = fl_referents(<PyObject *>stream, found, REFERENTS)
    for i in range(min(count, REFERENTS)):
        if type(<object>found[i]) is str and <object>found[i] in ("\r", "\r\n"):
            newline = <object>found[i]
    return _io.TextIOWrapper(memory, encoding=stream.encoding, errors=stream.errors,
                             newline=newline)


cdef bint begins_with_mark(HandlerNode node) except -1:
    """Whether the next text of the stream would be preceded by a byte order mark: the
    stream itself has to write it, or it would do so later, in the middle.
    """
    stream = node.ring_stream
    return node.marked and stream.tell() == 0
