"""explain() names each handler, its way, and what one would change to change it.

Only key words are fixed here: "native" or "Python", the handler, and the attribute
that is the reason.
"""

from __future__ import annotations

import io
import logging
import logging.handlers
import queue
import re

import pytest

from surface.child import own_process

#: Every name that a way may have.
WAYS = re.compile(r"\b(native|Python)\b")


def explain(logger=None):
    """Return the explanation, after it has been checked for its form."""
    import fastlog

    text = fastlog.explain(logger)
    assert isinstance(text, str)
    assert text.strip()
    assert not re.search(r"Traceback|0x[0-9a-f]{6}|\t", text), text
    return text


def about(text, name):
    """Return the lines of *text* from the one that names *name* to the next handler."""
    lines = text.splitlines()
    start = next(n for n, line in enumerate(lines) if name in line)
    end = next(
        (n for n in range(start + 1, len(lines)) if WAYS.search(lines[n])), len(lines)
    )
    return "\n".join(lines[start : max(end, start + 1)])


def fresh(handler=None, name="shop"):
    """Return a logger that reaches *handler* only."""
    log = logging.getLogger(name)
    log.propagate = False
    if handler is not None:
        log.addHandler(handler)
    return log


def expect(log, handler, way, *reasons):
    """Check that *handler* goes *way*, and that the text names every reason."""
    text = explain(log)
    part = about(text, type(handler).__name__)
    assert WAYS.search(part)[0] == way, text
    for reason in reasons:
        assert reason in part, (reason, text)


class Pager(logging.Handler):
    """A handler as users write them."""

    def emit(self, record):
        """Page nobody."""


class Shouting(logging.Formatter):
    """A formatter as users write them."""

    def format(self, record):
        """Return the text in capitals."""
        return super().format(record).upper()


class Coloured(logging.StreamHandler):
    """A handler that overrides only what is said about a record."""

    def format(self, record):
        """Return the text in red."""
        return f"\\033[31m{super().format(record)}\\033[0m"


@own_process
def test_a_file_handler_is_native(tmp_path):
    """The usual case, and the file is named so that one knows which handler."""
    handler = logging.FileHandler(f"{tmp_path}/shop.log")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log = fresh(handler)

    expect(log, handler, "native", "shop.log")


@pytest.mark.parametrize("name", ["Rotating", "TimedRotating", "Watched"])
@own_process
def test_files_that_change_are_native(name, tmp_path):
    """The handlers of logging.handlers that write files."""
    handler = getattr(logging.handlers, f"{name}FileHandler")(f"{tmp_path}/shop.log")
    log = fresh(handler)

    expect(log, handler, "native", "shop.log")


@own_process
def test_a_null_handler_is_native():
    """Libraries have one each."""
    handler = logging.NullHandler()

    expect(fresh(handler), handler, "native")


@own_process(PYTHONUNBUFFERED="")
def test_standard_error_is_native():
    """What basicConfig() makes."""
    logging.basicConfig()

    assert WAYS.search(about(explain(), "StreamHandler"))[0] == "native"


@own_process
def test_a_stream_in_memory_is_native():
    """A StringIO is written in C; tests and shells log into one."""
    handler = logging.StreamHandler(io.StringIO())

    expect(fresh(handler), handler, "native")


@own_process
def test_a_stream_that_python_wrote_takes_the_python_way():
    """Its write() is Python code, which is given text."""

    class Tee:
        def write(self, text):
            pass

    handler = logging.StreamHandler(Tee())

    expect(fresh(handler), handler, "Python", "Tee", "stream")


@own_process
def test_a_handler_written_in_python_is_named_with_its_emit():
    """Its emit() is what one would have to take away."""
    handler = Pager()

    expect(fresh(handler), handler, "Python", "emit")


@own_process
def test_a_queue_handler_takes_the_python_way():
    """What it puts into the queue is a LogRecord."""
    handler = logging.handlers.QueueHandler(queue.Queue())

    expect(fresh(handler), handler, "Python", "emit")


@own_process
def test_an_overridden_format_of_a_handler_is_the_reason():
    """Coloured consoles are made like this."""
    handler = Coloured(io.StringIO())

    expect(fresh(handler), handler, "Python", "format")


@own_process
def test_an_overridden_format_of_a_formatter_is_the_reason(tmp_path):
    """The formatter's class and its method are named."""
    handler = logging.FileHandler(f"{tmp_path}/shop.log")
    handler.setFormatter(Shouting())

    expect(fresh(handler), handler, "Python", "Shouting", "format")


@own_process
def test_an_override_on_the_instance_is_the_reason(tmp_path):
    """`handler.handleError = …`, `handler.emit = …` and the like."""
    handler = logging.FileHandler(f"{tmp_path}/shop.log")
    handler.emit = print

    expect(fresh(handler), handler, "Python", "emit")


@own_process
def test_a_filter_of_a_handler_is_the_reason(tmp_path):
    """Filters are given a LogRecord; the line is made and written natively still."""
    handler = logging.FileHandler(f"{tmp_path}/shop.log")
    handler.addFilter(lambda record: True)

    expect(fresh(handler), handler, "native", "LogRecord", "filter")


@own_process
def test_a_filter_of_a_logger_is_the_reason(tmp_path):
    """It sees every record of the logger, whatever its handlers are."""
    handler = logging.FileHandler(f"{tmp_path}/shop.log")
    log = fresh(handler)
    log.addFilter(lambda record: True)

    text = explain(log)

    assert "filter" in text
    assert "Python" in text


@own_process
def test_a_record_factory_is_the_reason(tmp_path):
    """setLogRecordFactory() is what tracing libraries call."""
    handler = logging.FileHandler(f"{tmp_path}/shop.log")
    log = fresh(handler)
    before = explain(log)
    factory = logging.getLogRecordFactory()
    logging.setLogRecordFactory(lambda *args, **kwargs: factory(*args, **kwargs))

    text = explain(log)

    assert "Python" not in before
    assert "Python" in text
    assert re.search("setLogRecordFactory|record factory", text)


@pytest.mark.parametrize(
    "name", ["callHandlers", "handle", "makeRecord", "_log", "findCaller"]
)
@own_process
def test_a_patched_method_of_the_logger_is_the_reason(name, tmp_path):
    """An error tracker patches the class; the text says which method it was."""
    handler = logging.FileHandler(f"{tmp_path}/shop.log")
    import fastlog  # noqa: F401

    original = getattr(logging.Logger, name)

    def patched(self, *args, **kwargs):
        return original(self, *args, **kwargs)

    setattr(logging.Logger, name, patched)
    text = explain(fresh(handler))

    assert "Python" in text
    assert name in text


@pytest.mark.parametrize("name", ["callHandlers", "makeRecord", "_log"])
@own_process
def test_a_method_of_the_loggers_own_class_is_the_reason(name, tmp_path):
    """Frameworks set a logger class of their own."""

    def override(self, *args, **kwargs):
        return getattr(logging.Logger, name)(self, *args, **kwargs)

    framework = type("FrameworkLogger", (logging.Logger,), {name: override})
    logging.setLoggerClass(framework)

    text = explain(fresh(logging.FileHandler(f"{tmp_path}/shop.log")))

    assert "Python" in text
    assert name in text


@own_process
def test_an_encoding_is_the_reason(tmp_path):
    """Only the encodings that can be written in C are; which it is, is told."""
    handler = logging.FileHandler(f"{tmp_path}/shop.log", encoding="cp1140")

    expect(fresh(handler), handler, "Python", "cp1140", "encoding")


@own_process
def test_a_closed_file_is_no_error(tmp_path):
    """A handler that was closed opens its file again at the next record."""
    handler = logging.FileHandler(f"{tmp_path}/shop.log")
    handler.close()
    delayed = logging.FileHandler(f"{tmp_path}/late.log", delay=True)
    log = fresh(handler)
    log.addHandler(delayed)

    text = explain(log)

    assert "shop.log" in text
    assert "late.log" in text


@own_process
def test_a_disabled_logger_is_said_to_be_disabled(tmp_path):
    """dictConfig() disables loggers behind one's back."""
    log = fresh(logging.FileHandler(f"{tmp_path}/shop.log"))
    log.disabled = True

    assert "disabled" in explain(log)


@own_process
def test_propagation_is_followed(tmp_path):
    """Handlers of the parents are reached too, unless propagate is off."""
    logging.root.addHandler(logging.FileHandler(f"{tmp_path}/root.log"))
    log = logging.getLogger("shop.cart")
    log.addHandler(logging.FileHandler(f"{tmp_path}/cart.log"))

    text = explain(log)
    assert "cart.log" in text
    assert "root.log" in text
    assert text.index("cart.log") < text.index("root.log")
    log.propagate = False
    text = explain(log)
    assert "cart.log" in text
    assert "root.log" not in text
    assert "propagate" in text


@own_process
def test_without_a_handler_the_last_resort_is_named():
    """The first question of everyone who sees no output."""
    log = fresh()

    assert "lastResort" in explain(log)
    logging.lastResort = None
    assert re.search("no handler", explain(log), re.IGNORECASE)


@own_process
def test_a_name_stands_for_its_logger(tmp_path):
    """As in getLogger(); None stands for all that have handlers."""
    log = fresh(logging.FileHandler(f"{tmp_path}/shop.log"))
    logging.root.addHandler(logging.FileHandler(f"{tmp_path}/root.log"))

    assert explain("shop") == explain(log)
    assert re.search("root.log.*shop.log", explain(), re.DOTALL)
    assert "root.log" in explain(logging.root)


@pytest.mark.parametrize("kind", ["number", "list", "class", "handler", "bytes"])
@own_process
def test_something_else_is_refused_on_one_line(kind):
    """The message says what was given and what is wanted."""
    import fastlog

    things = {
        "number": 1,
        "list": [],
        "class": logging.Logger,
        "handler": logging.NullHandler(),
        "bytes": b"shop",
    }
    with pytest.raises(TypeError) as caught:
        fastlog.explain(things[kind])

    text = str(caught.value)
    assert "\n" not in text
    assert "logger" in text.lower()
    assert type(things[kind]).__name__ in text


@own_process
def test_after_uninstall_everything_takes_the_python_way(tmp_path):
    """And the text says what to do about it."""
    import fastlog

    log = fresh(logging.FileHandler(f"{tmp_path}/shop.log"))
    fastlog.uninstall()

    text = explain(log)

    assert "Python" in text
    assert "install" in text
    fastlog.install()
    assert "native" in explain(log)


@own_process
def test_explaining_changes_nothing(tmp_path):
    """No file is opened, no logger made, nothing written, no cache filled."""
    import fastlog

    log = fresh(logging.FileHandler(f"{tmp_path}/shop.log", delay=True))
    handler = log.handlers[0]
    before = (dict(vars(log)), dict(vars(handler)), set(log.manager.loggerDict))
    counts = fastlog._core.counts()

    explain(log)
    explain()

    assert (vars(log), vars(handler), set(log.manager.loggerDict)) == before
    assert handler.stream is None
    assert fastlog._core.counts()["writes"] == counts["writes"]


@own_process
def test_what_explain_says_is_what_happens(tmp_path):
    """The text comes from the decision itself, not from a second opinion."""
    import fastlog

    def records():
        counts = fastlog._core.counts()
        return counts["calls"], counts["records"] + counts["originals"]

    log = fresh(logging.FileHandler(f"{tmp_path}/shop.log"))
    for make, native in (
        (lambda: None, True),
        (lambda: log.addHandler(Pager()), False),
        (lambda: log.handlers.pop(), True),
        (lambda: log.handlers[0].setFormatter(Shouting()), False),
        (lambda: log.handlers[0].setFormatter(None), True),
        (lambda: log.handlers[0].addFilter(lambda record: True), False),
    ):
        make()
        assert ("Python" not in explain(log)) is native, explain(log)
        before = records()
        log.warning("text %d", 1)
        after = records()
        assert (after[0] - before[0] == 1) is native
        assert (after[1] - before[1] > 0) is not native
