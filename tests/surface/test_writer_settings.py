"""configure_writer(), flush(), stats(), and what the end of a process says."""

from __future__ import annotations

import dataclasses
import logging
import os
import pathlib
import subprocess
import sys
import threading

import pytest

from surface.behind import FIVE, kept, lines_behind, nothing_left, text_of
from surface.child import own_process

FIELDS = [
    "accepted",
    "written",
    "dropped",
    "bytes_written",
    "write_errors",
    "last_error",
    "ring_bytes",
    "ring_used",
    "ring_used_max",
    "writer_alive",
]
#: Arguments that are wrong, the error, and words that its message has.
RING = ("ring_bytes", "power of two", "64 KiB", "1 GiB")
POLICY = ("overflow", '"block"', '"drop"', '"sync"')
LIMIT = ("shutdown_timeout", "seconds")
WRONG = [
    *(
        (f"ring_bytes={value}", error, RING)
        for value, error in (
            ("0", ValueError),
            ("-65536", ValueError),
            ("32768", ValueError),
            ("65537", ValueError),
            ("3000000", ValueError),
            ("2**31", ValueError),
            ("2**64", ValueError),
            ("10**5000", ValueError),
            ("65536.0", TypeError),
            ("'64K'", TypeError),
            ("True", TypeError),
            ("[]", TypeError),
        )
    ),
    *(
        (f"overflow={value}", error, POLICY)
        for value, error in (
            ("'never'", ValueError),
            ("'Block'", ValueError),
            ("''", ValueError),
            ("'x' * 10**6", ValueError),
            ("1", TypeError),
            ("True", TypeError),
            ("b'drop'", TypeError),
            ("['drop']", TypeError),
        )
    ),
    *(
        (f"shutdown_timeout={value}", error, LIMIT)
        for value, error in (
            ("-1", ValueError),
            ("-0.001", ValueError),
            ("float('nan')", ValueError),
            ("float('inf')", ValueError),
            ("-float('inf')", ValueError),
            ("10**400", ValueError),
            ("-10**400", ValueError),
            ("True", TypeError),
            ("'5'", TypeError),
            ("1j", TypeError),
            ("[]", TypeError),
        )
    ),
]


def fill(pipe, handler):
    """Log more on *handler* than the kernel takes for *pipe* that nobody reads."""
    log = logging.getLogger("full")
    log.propagate = False
    log.addHandler(handler)
    before = 0
    for number in range(200):
        log.warning("%d %s", number, "x" * 1000)
        before += len(str(number)) + 1002
    return before


def drain(fd, size, found):
    """Read *size* bytes from *fd* in a thread of its own; return it, started."""

    def read():
        while sum(map(len, found)) < size:
            found.append(os.read(fd, 2**16))

    thread = threading.Thread(target=read)
    thread.start()
    return thread


@pytest.mark.parametrize("state", ["before first use", "running"])
@own_process
def test_a_wrong_setting_is_refused_and_changes_nothing(state, tmp_path):
    """On one line, which names the argument and what it can be."""
    import fastlog

    handler = logging.FileHandler(f"{tmp_path}/shop.log", background=True)
    fastlog.configure_writer(ring_bytes=2**18, overflow="sync", shutdown_timeout=7)
    if state == "running":
        lines_behind(handler)
    before = explained(handler), fastlog.stats().ring_bytes
    for arguments, kind, words in WRONG:
        other = "" if "ring" in arguments else "ring_bytes=2**17, "
        with nothing_left():
            with pytest.raises(kind) as caught:
                eval(f"fastlog.configure_writer({other}{arguments})")
            text = str(caught.value)
            assert type(caught.value) is kind, arguments
            assert "\n" not in text
            assert len(text) < 250
            for word in words:
                assert word in text, text
            del caught
        assert (explained(handler), fastlog.stats().ring_bytes) == before, arguments
    assert lines_behind(handler) == 5


def explained(handler):
    """Return what explain() says of the writer for a logger with *handler*."""
    import fastlog

    log = logging.getLogger("explained")
    log.propagate = False
    log.addHandler(handler)
    text = fastlog.explain(log)
    log.removeHandler(handler)
    return text[text.index("writer: ") :] if "writer: " in text else ""


@own_process
def test_positional_and_unknown_arguments_are_refused():
    """The settings have names."""
    import fastlog

    with pytest.raises(TypeError, match="configure_writer"):
        fastlog.configure_writer(2**20)
    with pytest.raises(TypeError, match="ring_size"):
        fastlog.configure_writer(ring_size=2**20)
    with pytest.raises(TypeError, match="flush"):
        fastlog.flush(1, 2)
    with pytest.raises(TypeError, match="stats"):
        fastlog.stats(1)


@own_process
def test_only_what_is_given_changes(tmp_path):
    """And explain() says what holds."""
    import fastlog

    handler = logging.FileHandler(f"{tmp_path}/shop.log", background=True)
    kept.append(handler)
    first = explained(handler)
    assert str(4 * 2**20) in first
    assert "'block'" in first
    assert fastlog.configure_writer(overflow="drop") is None
    assert "'drop'" in explained(handler)
    assert str(4 * 2**20) in explained(handler)
    fastlog.configure_writer(ring_bytes=2**16)
    assert f" {2**16} bytes" in explained(handler)
    assert "'drop'" in explained(handler)
    fastlog.configure_writer(shutdown_timeout=0)
    fastlog.configure_writer()
    fastlog.configure_writer(ring_bytes=None, overflow=None, shutdown_timeout=None)
    assert f" {2**16} bytes" in explained(handler)
    assert "'drop'" in explained(handler)


@own_process
def test_a_running_writer_gets_another_ring(tmp_path):
    """What waits is written first, so the file has all of it, in order."""
    import fastlog

    path = f"{tmp_path}/shop.log"
    handler = logging.FileHandler(path, background=True)
    sizes = [2**16, 2**20, 2**18, 2**24, 2**16]
    for size in sizes:
        assert lines_behind(handler) == 5
        fastlog.configure_writer(ring_bytes=size)
        assert pathlib.Path(path).read_text().endswith(FIVE)
        assert fastlog.stats().ring_bytes == size
    assert lines_behind(handler) == 5
    assert text_of(path) == FIVE * (len(sizes) + 1)
    assert fastlog.stats().accepted == fastlog.stats().written == 5 * (len(sizes) + 1)


@own_process
def test_no_memory_for_the_ring_is_told_at_once(tmp_path):
    """By the setting, or by the handler's constructor: not by a log call, later."""
    import resource

    import fastlog

    path = f"{tmp_path}/shop.log"

    def ask():
        fastlog.configure_writer(ring_bytes=2**30)
        logging.FileHandler(path, background=True)

    used = int(pathlib.Path("/proc/self/statm").read_text().split()[0])
    limit = used * resource.getpagesize() + 64 * 2**20
    with nothing_left():
        resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
        for _ in range(3):
            with pytest.raises((OSError, MemoryError)) as caught:
                ask()
            assert "ring_bytes=1073741824" in str(caught.value)
            assert "configure_writer" in str(caught.value)
            assert "\n" not in str(caught.value)
            del caught
        resource.setrlimit(resource.RLIMIT_AS, (-1, -1))
    fastlog.configure_writer(ring_bytes=2**16)
    handler = logging.FileHandler(path, background=True)
    assert lines_behind(handler) == 5
    assert text_of(path) == FIVE


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("-1", "ValueError"),
        ("-0.5", "ValueError"),
        ("float('nan')", "ValueError"),
        ("-float('inf')", "ValueError"),
        ("-10**400", "ValueError"),
        ("'1'", "TypeError"),
        ("True", "TypeError"),
        ("[]", "TypeError"),
        ("1j", "TypeError"),
    ],
)
@own_process
def test_a_wrong_time_to_flush_is_refused(value, kind):
    """Whether or not anything waits."""
    import fastlog

    with pytest.raises((TypeError, ValueError)) as caught:
        fastlog.flush(eval(value))

    text = str(caught.value)
    assert type(caught.value).__name__ == kind
    assert "\n" not in text
    assert len(text) < 200
    for word in ("timeout", "seconds", "flush(1.0)"):
        assert word in text


@own_process
def test_flush_says_whether_all_is_written(tmp_path):
    """True at once when nothing waits; any time span from 0 to no limit will do."""
    import fastlog

    for timeout in (None, 0, 0.0, 1, 2.5, float("inf"), 10**400, 1e300):
        assert fastlog.flush(timeout) is True
    handler = logging.FileHandler(f"{tmp_path}/shop.log", background=True)
    assert lines_behind(handler) == 5
    assert fastlog.flush(timeout=60) is True
    assert pathlib.Path(f"{tmp_path}/shop.log").read_text() == FIVE
    assert fastlog.stats().ring_used == 0
    assert fastlog.flush(0) is True


@own_process
def test_flush_gives_up_when_the_time_is_out():
    """A pipe that nobody reads takes only so much."""
    import fastlog

    reading, writing = os.pipe()
    handler = logging.StreamHandler(os.fdopen(writing, "w"), background=True)
    expected = fill(writing, handler)
    assert fastlog.flush(0.2) is False
    numbers = fastlog.stats()
    assert numbers.accepted == 200
    assert numbers.written < 200
    assert 0 < numbers.ring_used <= numbers.ring_used_max <= numbers.ring_bytes
    found = []
    thread = drain(reading, expected, found)
    assert fastlog.flush() is True
    thread.join()
    assert fastlog.stats().written == 200
    assert fastlog.stats().bytes_written == expected
    assert len(b"".join(found)) == expected


@own_process
def test_flush_has_one_limit_for_both_kinds(tmp_path):
    """Targets of BackgroundHandlers that hang do not keep files from being written."""
    import fastlog
    import fastlog.handlers

    entered, leave = threading.Event(), threading.Event()

    class Slow(logging.Handler):
        def emit(self, record):
            entered.set()
            leave.wait()

    path = f"{tmp_path}/shop.log"
    log = logging.getLogger("both")
    log.propagate = False
    log.addHandler(fastlog.handlers.BackgroundHandler(Slow()))
    log.addHandler(logging.FileHandler(path, background=True))
    log.warning("text")
    entered.wait()
    assert fastlog.flush(0.2) is False
    assert pathlib.Path(path).read_text() == "text\n"
    leave.set()
    assert fastlog.flush() is True


@own_process
def test_the_numbers_add_up(tmp_path):
    """Lines, not records; each number is of the process, since its beginning."""
    import fastlog

    zero = fastlog.stats()
    assert [field.name for field in dataclasses.fields(zero)] == FIELDS
    assert (zero.accepted, zero.written, zero.bytes_written) == (0, 0, 0)
    assert (zero.write_errors, zero.last_error, zero.dropped) == (0, None, {})
    assert (zero.ring_used, zero.ring_used_max, zero.writer_alive) == (0, 0, False)
    one, two = (
        logging.FileHandler(f"{tmp_path}/{name}", background=True) for name in "ab"
    )
    log = logging.getLogger("shop")
    log.propagate = False
    log.addHandler(one)
    log.addHandler(two)
    for number in range(10):
        log.warning("number %d", number)
    text_of(f"{tmp_path}/a")
    numbers = fastlog.stats()
    assert numbers.accepted == numbers.written == 20
    assert numbers.bytes_written == 2 * sum(len(f"number {n}\n") for n in range(10))
    assert numbers.ring_bytes == 4 * 2**20
    assert numbers.ring_used == 0 < numbers.ring_used_max <= numbers.ring_bytes
    assert numbers.writer_alive is True
    assert (numbers.write_errors, numbers.last_error, numbers.dropped) == (0, None, {})


@own_process
def test_the_numbers_are_a_frozen_dataclass():
    """Documented in units, and found under our name though it is imported late."""
    import fastlog

    numbers = fastlog.stats()
    assert type(numbers) is fastlog.WriterStats
    assert "WriterStats" in dir(fastlog)
    assert not hasattr(logging, "WriterStats")
    for name in FIELDS:
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(numbers, name, 0)
    assert not hasattr(numbers, "__dict__")
    for name in FIELDS:
        assert f"{name}: " in fastlog.WriterStats.__doc__
    for word in ("lines", "bytes"):
        assert word in fastlog.WriterStats.__doc__.lower()
    numbers.dropped[30] = 1
    assert fastlog.stats().dropped == {}


IMPORT = """
import os, sys
import logging
def state():
    maps = [line.split()[-1] for line in open("/proc/self/maps") if "w-s" in line or
            "shm" in line or "memfd" in line]
    files = set(os.listdir("/proc/self/fd"))
    return maps, len(os.listdir("/proc/self/task")), files
before = state()
modules = set(sys.modules)
import fastlog
fastlog.stats
{more}
assert state() == before, (before, state())
new = set(sys.modules) - modules
slow = {{"dataclasses", "inspect", "logging.handlers", "ctypes", "typing"}}
print(sorted(new & slow))
"""


@pytest.mark.parametrize(
    "more", ["", "fastlog.flush(); fastlog.install(background=False)"]
)
def test_importing_fastlog_makes_nothing(more):
    """No thread, no ring, no descriptor; and little is imported with it."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORT.format(more=more)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stderr == ""
    assert set(eval(done.stdout)) <= {"typing"}


END = """
import logging, os, sys
import fastlog
{before}
reading, writing = os.pipe()
handler = logging.StreamHandler(os.fdopen(writing, "w"), background=True)
log = logging.getLogger("full")
log.addHandler(handler)
log.propagate = False
fastlog.configure_writer(shutdown_timeout=0.2)
for number in range(200):
    log.warning("%d %s", number, "x" * 1000)
{after}
"""


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [("", "", 0), ("", "sys.exit(3)", 3), ("logging.raiseExceptions = False", "", 0)],
)
def test_the_end_says_what_could_not_be_written(before, after, status):
    """How many lines, how long it waited, and what to do; the status is the program's.

    The pipe has a reader, which reads nothing.
    """
    done = subprocess.run(
        [sys.executable, "-c", END.format(before=before, after=after)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == status
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    words = line.split()
    assert words[0] == "fastlog:"
    assert 0 < int(words[1]) <= 200
    assert "not written within 0.2 s" in line
    assert "configure_writer(shutdown_timeout=" in line


INTERRUPT = """
import atexit, signal
fastlog.configure_writer(shutdown_timeout=3600)
signal.signal(signal.SIGALRM, signal.default_int_handler)
atexit.register(lambda: signal.setitimer(signal.ITIMER_REAL, 0.2))
"""


def test_the_end_can_be_interrupted():
    """Whoever presses Ctrl-C wants to leave, and to know what is lost by it."""
    done = subprocess.run(
        [sys.executable, "-c", END.format(before="", after=INTERRUPT)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0
    assert "KeyboardInterrupt" in done.stderr
    assert done.stderr.count("lines were not written before the interruption") == 1


def test_the_end_says_nothing_when_all_is_written(tmp_path):
    """Also what hooks of the program log after it."""
    code = """
import atexit, logging
atexit.register(lambda: logging.warning("last"))
import fastlog
logging.basicConfig(filename="shop.log", format="%(message)s", background=True)
atexit.register(lambda: logging.warning("first"))
for number in range(5):
    logging.warning("number %d", number)
"""
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "shop.log").read_text() == f"{FIVE}first\nlast\n"


@own_process
def test_explain_names_the_writer_where_it_matters(tmp_path):
    """Where nothing is in the background, nobody asks for it."""
    import fastlog

    log = logging.getLogger("shop")
    log.propagate = False
    plain = logging.FileHandler(f"{tmp_path}/a.log")
    log.addHandler(plain)
    assert "writer: " not in fastlog.explain(log)
    handler = logging.FileHandler(f"{tmp_path}/b.log", background=True)
    log.addHandler(handler)
    text = fastlog.explain(log)
    assert f"writer: not running, ring of {4 * 2**20} bytes, overflow 'block'" in text
    lines_behind(handler)
    assert "writer: running, " in fastlog.explain(log)
    assert text.index("b.log") < text.index("writer: ")
    for fact in fastlog._core.writer_facts():
        assert fact in fastlog.explain(log)


@own_process(FASTLOG_DISABLE="1")
def test_turned_off_there_is_nothing_to_write():
    """The functions are there, check what they are given, and do nothing."""
    import fastlog

    assert fastlog.flush() is True
    assert fastlog.flush(0) is True
    fastlog.configure_writer(ring_bytes=2**16, overflow="drop", shutdown_timeout=1)
    for arguments, kind, _ in WRONG:
        with pytest.raises(kind):
            eval(f"fastlog.configure_writer({arguments})")
    assert fastlog.stats().writer_alive is False
    fastlog.install(background=True)
    with pytest.raises(TypeError):
        fastlog.install(background="yes")
    assert not hasattr(logging.StreamHandler(), "background")
    assert len(os.listdir("/proc/self/task")) == 1
