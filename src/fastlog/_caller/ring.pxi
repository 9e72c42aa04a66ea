# The process's ring and its writer: opened, flushed, stopped, left behind by a fork.

import errno as _errno
import threading as _threading
import time as _time

from libc.errno cimport EINTR
from libc.stdlib cimport calloc

from fastlog._ring.ring cimport *
from fastlog._writer.writer cimport *

cdef extern from "_caller/leave.h":
    void fl_leave_wrap(void (*)() noexcept) noexcept
    void fl_pause() noexcept nogil

cdef extern from "_caller/objects.h":
    void (*fl_forked)() noexcept

cdef enum:
    OVERFLOW_BLOCK, OVERFLOW_DROP, OVERFLOW_SYNC

cdef fl_writer *the_writer = NULL  # owned; of a parent's, after a fork, left alone
cdef uint64_t ring_era = 1  # sinks of another era are void
cdef bint ring_stopped = False  # for good: handlers write by themselves
cdef unsigned long ring_changer = 0  # the thread that puts another ring in place
cdef int ring_users = 0  # threads that wait for it without the interpreter's lock
cdef size_t ring_bytes = 4 * 1024 * 1024
cdef int overflow_policy = OVERFLOW_BLOCK
cdef double shutdown_seconds = 5.0
cdef bint background_wanted = False  # for handlers that were not told
cdef dict known_ids = {}  # (kind, bytes) -> id, of this edition
cdef dict dropped_lines = {}  # level -> lines
cdef fl_ring_numbers earlier  # of this process's rings before the present one
cdef list sink_nodes = []  # handler nodes that have, or had, a sink

cdef uint64_t count_pushes = 0
cdef uint64_t count_lines = 0


cdef inline bint ring_is_ours() noexcept:
    return life != NULL and life.ring != NULL


cdef int check(int status, str what) except -1:
    if status < 0:
        raise OSError(-status, f"{_os.strerror(-status)}: {what}")
    return 0


cdef void on_fork() noexcept:
    """In the child, whatever thread forked: no Python object may be touched."""
    global ring_era, edition, ring_users, ring_changer
    if the_writer != NULL and ring_is_parents():
        fl_writer_abandon(the_writer)
        life.ring = NULL
        ring_era += 1
        edition += 1
        ring_users = 0
        ring_changer = 0
        earlier.accepted = earlier.written = earlier.bytes = earlier.errors = 0
        earlier.highest = 0
        fl_bump()


cdef inline bint ring_is_parents() noexcept:
    return the_ring.mapping != NULL


cdef int leave_parents_ring() noexcept:
    """After a fork, or a clone() that called no handler: that ring is not mapped here,
    and its writer's memory was in use.
    """
    global the_writer
    if ring_is_parents() and life.ring == NULL:
        the_ring.mapping = NULL
        the_writer = NULL
    return 0


cdef int open_ring() except -1:
    """Make this process's ring if it has none; OSError if it does not fit."""
    cdef fl_ring fresh
    global life
    if ring_is_ours():
        return 0
    if life == NULL:
        check(fl_life_open(&life), "no memory for the ring")
    check(fl_ring_open(&fresh, ring_bytes),
          f"ring_bytes={ring_bytes} does not fit; set a smaller one with "
          "fastlog.configure_writer()")
    return use_ring(&fresh)


cdef int use_ring(fl_ring *fresh) except -1:
    """Let *fresh* be the ring; no other is in use."""
    global the_writer, ring_era, the_ring, edition
    cdef fl_clock clock
    settle()  # for the clock
    leave_parents_ring()
    the_writer = <fl_writer *>calloc(1, sizeof(fl_writer))
    if the_writer == NULL:
        fl_ring_close(fresh)
        raise MemoryError
    clock.is_ns = ns_clock
    clock.start_ns = env_start_ns
    clock.start_seconds = env_start_seconds
    the_ring = fresh[0]
    fl_writer_init(the_writer, &the_ring, &clock)
    fl_writer_set_reporting(the_writer, bool(logging_names.get("raiseExceptions")))
    clock_start[0] = env_start_ns
    clock_start_seconds[0] = env_start_seconds
    ring_era += 1
    edition += 1
    known_ids.clear()
    life.ring = &the_ring
    fl_bump()
    return 0


# What records' relative times count from, as the writer knows it.
cdef int64_t clock_start[1]
cdef double clock_start_seconds[1]


cdef bint ring_ready() except -1:
    """Whether records can go through a ring; made now if there is none."""
    global ring_stopped
    if ring_is_ours():
        return True
    while ring_changer != 0:
        if ring_changer == PyThread_get_thread_ident():
            return False  # what a finalizer or a signal handler logs meanwhile
        with nogil:
            fl_pause()
        PyErr_CheckSignals()
    if ring_is_ours():
        return True
    if ring_stopped:
        return False
    try:
        open_ring()
    except (OSError, MemoryError) as error:
        ring_stopped = True
        fl_bump()
        say(f"fastlog: handlers write by themselves, as there is no ring: {error}")
        return False
    return True


cdef int say(str text) except -1:
    """One line on stderr, if that is wanted and there is one."""
    stream = _sys.stderr
    if logging_names.get("raiseExceptions") and stream is not None:
        try:
            stream.write(text + "\n")
            stream.flush()
        except Exception:
            pass
    return 0


cdef bint start_writer() except -1:
    """Start the thread if need be; False: the system gives no thread."""
    global ring_stopped
    if the_writer.started:
        return True
    status = fl_writer_start(the_writer)
    if status < 0:
        ring_stopped = True
        life.ring = NULL
        fl_bump()
        say("fastlog: handlers write by themselves, as no thread can be started: "
            f"{_os.strerror(-status)}")
        return False
    fl_leave_wrap(before_leaving)
    return True


cdef double seconds_now():
    return _time.monotonic()


cdef bint flush_ring(int64_t sink, double seconds) except -1:
    """Wait until what was accepted is with the kernel; False: time ran out.

    *sink* -1: of all; *seconds* negative: no limit. Signal handlers run meanwhile.
    """
    global ring_users
    cdef fl_writer *writer = the_writer
    cdef int64_t left = -1
    cdef int64_t slice_ns
    cdef uint64_t position
    cdef int status = 1
    cdef uint64_t era = ring_era
    cdef double end = 0
    if writer == NULL or ring_is_parents() is False or not writer.started:
        return True
    if life.ring == NULL and ring_changer == 0:
        return True
    position = fl_ring_tail(&the_ring)
    if seconds >= 0:
        end = seconds_now() + seconds
        left = <int64_t>(min(seconds, 1e9) * 1e9)
    while True:
        # In slices: a signal between two waits must not stay unseen.
        slice_ns = 100000000
        if 0 <= left < slice_ns:
            slice_ns = left
        ring_users += 1
        with nogil:
            status = fl_writer_flush_to(writer, sink, position, slice_ns)
        if era != ring_era:
            return True  # a forked child: nothing is its own
        ring_users -= 1
        if status == 1 or status == 0 and slice_ns == left:
            return status == 1
        PyErr_CheckSignals()
        if era != ring_era or the_writer != writer:
            return True
        if seconds >= 0:
            left = <int64_t>(max(0.0, end - seconds_now()) * 1e9)


cdef int drain(HandlerNode node) except -1:
    """What waits for *node*'s sink comes first."""
    cdef int sink = node.ring_sink if node.ring_sink >= 0 else node.left_sink
    node.must_drain = False
    if sink >= 0 and node.sink_era == ring_era:
        flush_ring(sink, -1)
        if node.stale:
            follow_file(node, node.left_sink)
    node.stale = False
    if node.shares is not None and node.shares is not node:
        drain(node.shares)
    return 0


cdef object closing_ring():
    """Unpublish the ring, write what it holds, end the thread. Returns lines left."""
    global ring_changer
    cdef fl_writer *writer = the_writer
    cdef int64_t limit = <int64_t>(shutdown_seconds * 1e9)
    life.ring = NULL
    fl_bump()
    if writer.started:
        with nogil:
            fl_writer_flush(writer, -1, limit)
            fl_writer_stop(writer, limit)
    left = fl_writer_left(writer)
    for node in list(sink_nodes):
        reopen_stream(<HandlerNode>node)
    return left


cdef bint pause_ring() except -1:
    """Let who logs wait, and write what the ring holds; False: there is nothing."""
    global ring_changer
    if not ring_is_ours() or ring_changer != 0:
        return False
    ring_changer = PyThread_get_thread_ident()
    life.ring = NULL
    fl_bump()
    try:
        flush_ring(-1, shutdown_seconds)
    except BaseException:
        resume_ring()
        raise
    return True


cdef int resume_ring() except -1:
    global ring_changer
    if ring_changer == PyThread_get_thread_ident():
        life.ring = &the_ring
        ring_changer = 0
        fl_bump()
    return 0


def writer_configure(Py_ssize_t size, int policy, double seconds):
    """Set the ring's bytes, what happens when it is full, and the limit at exit."""
    global ring_bytes, overflow_policy, shutdown_seconds, ring_changer, the_writer
    global the_ring
    cdef fl_ring fresh
    cdef fl_writer *old
    if <size_t>size != ring_bytes:
        check(fl_ring_open(&fresh, <size_t>size),
              f"ring_bytes={size} does not fit; choose a smaller one")
        if not ring_is_ours():
            fl_ring_close(&fresh)
        else:
            if ring_changer != 0:
                fl_ring_close(&fresh)
                raise RuntimeError("another thread is in configure_writer()")
            ring_changer = PyThread_get_thread_ident()
            try:
                flush_ring(-1, -1)
                old = the_writer
                closing_ring()
                add_numbers()
                while ring_users > 0:
                    with nogil:
                        fl_pause()
                fl_writer_free(old)
                free(old)
                fl_ring_close(&the_ring)
                ring_bytes = <size_t>size
                use_ring(&fresh)
            finally:
                ring_changer = 0
        ring_bytes = <size_t>size
    overflow_policy = policy
    shutdown_seconds = seconds


def writer_shutdown_timeout():
    """Return the limit, in seconds, for what is flushed at exit."""
    return shutdown_seconds


def writer_prepare():
    """Make the ring if there is none; OSError if it does not fit."""
    if not ring_stopped:
        open_ring()


def writer_flush(timeout, handler):
    """Wait until the records of *handler*, or of all, are with the kernel.

    *timeout* in seconds, or None. Returns False if it ran out.
    """
    cdef HandlerNode node
    cdef double seconds = -1 if timeout is None else timeout
    cdef bint done
    if handler is None:
        done = flush_ring(-1, seconds)
        if done:
            for node in list(sink_nodes):
                reopen_stream(node)
        return done
    node = settled_node(handler)
    if node is None or node.ring_sink < 0 or node.sink_era != ring_era:
        return True
    done = flush_ring(node.ring_sink, seconds)
    if done:
        reopen_stream(node)
    return done


cdef HandlerNode settled_node(object handler):
    """The node of *handler*; waits while another thread reads; None: it has none."""
    cdef HandlerNode node = None
    for _ in range(2000):
        settle()
        node = handler_node(handler)
        if node is not None or not isinstance(handler, logging_names["Handler"]):
            break
        with nogil:
            fl_pause()
    return node


def writer_stop(double timeout):
    """Flush, end the thread; handlers write by themselves from then on.

    Returns the number of lines that were not written within *timeout* seconds.
    """
    global ring_stopped, ring_changer, shutdown_seconds
    if not ring_is_ours():
        ring_stopped = True
        fl_bump()
        return 0
    flush_ring(-1, timeout)
    if not ring_is_ours():
        return 0
    # Who logs meanwhile waits, so that no line overtakes those in the ring.
    ring_changer = PyThread_get_thread_ident()
    before = shutdown_seconds
    shutdown_seconds = min(timeout, 0.1)
    try:
        return closing_ring()
    finally:
        shutdown_seconds = before
        ring_stopped = True
        ring_changer = 0
        fl_bump()


cdef list leaving = []  # what else is to be called


def call_before_leaving(callback):
    """Have *callback* called with a limit in seconds before os._exit() and its like."""
    leaving.append(callback)
    fl_leave_wrap(before_leaving)


cdef void before_leaving() noexcept:
    """os._exit() and its like: no exit hook runs, but what was accepted is written."""
    try:
        for callback in leaving:
            callback(shutdown_seconds)
        if ring_is_ours() and the_writer.started:
            if not flush_ring(-1, shutdown_seconds):
                say(f"fastlog: {fl_writer_left(the_writer)} lines were not written "
                    f"within {shutdown_seconds} s")
    except BaseException:
        pass  # the process ends now, whatever a signal handler says


cdef int add_numbers() noexcept:
    cdef fl_ring_numbers numbers
    fl_ring_read_numbers(&the_ring, &numbers)
    earlier.accepted += numbers.accepted
    earlier.written += numbers.written
    earlier.bytes += numbers.bytes
    earlier.errors += numbers.errors
    earlier.highest = max(earlier.highest, numbers.highest)
    return 0


def writer_stats():
    """Return what the ring and the writer have counted, see WriterStats."""
    cdef fl_ring_numbers numbers
    cdef uint64_t last = 0
    cdef const char *path = NULL
    cdef object error = None
    numbers.accepted = numbers.written = numbers.bytes = numbers.errors = 0
    numbers.used = numbers.highest = 0
    alive = False
    if the_writer != NULL and ring_is_parents() and (life.ring != NULL or ring_stopped):
        fl_ring_read_numbers(&the_ring, &numbers)
        alive = bool(fl_writer_is_alive(the_writer))
        last = fl_writer_last_error(the_writer)
    if last:
        path = fl_writer_path(the_writer, <uint32_t>(last >> 32))
        error = _os.strerror(<int>(last & 0xFFFFFFFF))
        if path != NULL:
            error = f"{_os.fsdecode(<bytes>path)}: {error}"
    return {
        "accepted": earlier.accepted + numbers.accepted,
        "written": earlier.written + numbers.written,
        "dropped": dict(dropped_lines),
        "bytes_written": earlier.bytes + numbers.bytes,
        "write_errors": earlier.errors + numbers.errors,
        "last_error": error,
        "ring_bytes": ring_bytes,
        "ring_used": numbers.used,
        "ring_used_max": max(earlier.highest, numbers.highest),
        "writer_alive": alive,
    }


def writer_facts():
    """Return what this system lacks, one sentence each, and what is done instead."""
    facts = []
    if life != NULL:
        if not fl_has_membarrier():
            facts.append("no membarrier(): each record costs a memory fence more")
        if not fl_has_wipe_on_fork():
            facts.append("no MADV_WIPEONFORK: a child made by a bare clone() must not "
                         "log")
    return facts


def background_default(wanted=None):
    """Set, unless None, whether handlers that were not told write in the background."""
    global background_wanted
    if wanted is not None and bool(wanted) != background_wanted:
        background_wanted = bool(wanted)
        fl_bump()
    return background_wanted


def writer_settings():
    """Return (ring bytes, overflow policy, limit at exit in seconds)."""
    return ring_bytes, overflow_policy, shutdown_seconds


fl_forked = on_fork
