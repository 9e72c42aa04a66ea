# A finished line to its stream: straight to the descriptor where that is the same.

cdef enum:
    WRITTEN = 1
    UNTOUCHED = 0  # nothing was written: the stream's own methods have to
    REST = 2  # a part was written: `node.rest` still has to be


cdef fl_quick flush_buffer

cdef uint64_t count_calls = 0
cdef uint64_t count_records = 0
cdef uint64_t count_formats = 0
cdef uint64_t count_writes = 0


cdef int write_line(HandlerNode node, fl_buffer *line, int level) except -1:
    """Give a whole line to the kernel, or to the string stream.

    The handler's lock is held. KeyboardInterrupt and what other signal handlers
    raise comes out of here with the rest of the line in the stream's buffer.
    """
    global count_writes
    cdef object stream = node.stream
    cdef size_t written = 0
    cdef size_t size = line.size
    cdef size_t done = 0
    cdef const char *data = line.data
    cdef int status, fd
    if node.background:
        return push_line(node, data, size, level)
    if node.must_drain or node.shares is not None:
        drain(node)
        if node.epoch != fl_epoch:
            return UNTOUCHED
    if node.sink == SINK_STRING:
        try:
            PyObject_CallMethodOneArg(stream, "write", decode(data, size))
        except Exception:
            return UNTOUCHED
        count_writes += 1
        return WRITTEN
    # What others wrote to the stream comes first; this also finds a closed one.
    try:
        if node.referent_count != 0 and same_stream(node, stream):
            # No text is pending; bytes may be.
            fl_quick_call(&flush_buffer, node.buffer)
        else:
            stream.flush()
            if not same_stream(node, stream):
                return UNTOUCHED
    except Exception:
        return UNTOUCHED
    fd = node.fd
    while True:
        with nogil:
            status = fl_file_write(fd, data + done, size - done, &written)
        done += written
        if status == 0:
            count_writes += 1
            return WRITTEN
        if status == -EINTR:
            try:
                PyErr_CheckSignals()
            except BaseException:
                stream.buffer.write(data[done:size])
                raise
            continue
        if done == 0:
            return UNTOUCHED
        node.rest = <bytes>data[done:size]
        return REST


cdef int write_by_stream(HandlerNode node, object handler, object record,
                         bytes data, object emit) except -1:
    """Let the library's emit() write *data*, a line or the rest of one.

    Its frames, its buffering and its errors then are the standard library's.
    """
    cdef bytes end = node.terminator
    cdef object buffer = handler.stream.buffer
    cdef object text
    cdef int cut = 0
    # A rest may begin inside a character: those bytes cannot be text again.
    while cut < len(data) and (data[cut] & 0xC0) == 0x80:
        cut += 1
    if cut:
        buffer.write(data[:cut])
        data = data[cut:]
    if len(data) < len(end):
        buffer.write(data)
        try:
            handler.flush()
        except RecursionError:
            raise
        except Exception:
            handler.handleError(record)
        return 0
    text = data[:len(data) - len(end)].decode("utf-8")
    emit_text(node, handler, record, text, emit)
    return 0
