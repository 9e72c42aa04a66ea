"""The keyword `background`: in constructors, in configurations, and as attribute.

A handler that is told so writes what it wrote before; whatever is wrong with the
keyword is said at once, and leaves nothing behind.
"""

from __future__ import annotations

import atexit
import importlib
import io
import json
import logging
import os
import pathlib
import subprocess
import sys
import threading

import pytest

from surface.behind import (
    FIVE,
    NO_BOOLS,
    REMEDIES,
    lines_behind,
    nothing_left,
    refused,
    text_of,
)
from surface.child import own_process

CLASSES = (
    "StreamHandler",
    "FileHandler",
    "WatchedFileHandler",
    "RotatingFileHandler",
    "TimedRotatingFileHandler",
)
FILES = CLASSES[1:]


def forget_handlers():
    """Have the next import of logging.handlers be the first."""
    for name in ("logging.config", "logging.handlers"):
        sys.modules.pop(name, None)
        vars(logging).pop(name.partition(".")[2], None)


def find(name):
    """Return the class *name* of `logging` or `logging.handlers`."""
    import logging.handlers

    return getattr(logging, name, None) or getattr(logging.handlers, name)


def make(name, path, **options):
    """Return a handler of class *name* that writes to the file *path*."""
    if name == "StreamHandler":
        handler = logging.StreamHandler(open(path, "a"), **options)  # noqa: SIM115
        atexit.register(handler.stream.close)
        return handler
    return find(name)(path, **options)


@pytest.mark.parametrize("first", ["fastlog first", "logging.handlers first"])
@pytest.mark.parametrize("name", CLASSES)
@own_process
def test_a_constructor_takes_the_keyword(name, first, tmp_path):
    """The classes of logging.handlers too, whenever a program imports them."""
    forget_handlers()
    if first == "logging.handlers first":
        importlib.import_module("logging.handlers")
    import fastlog

    assert ("logging.handlers" in sys.modules) is first.startswith("logging")
    handler = make(name, f"{tmp_path}/shop.log", background=True)

    assert type(handler) is find(name)
    assert handler.background is True
    assert lines_behind(handler) == 5
    assert text_of(f"{tmp_path}/shop.log") == FIVE
    handler.close()
    assert fastlog.stats().accepted == fastlog.stats().written == 5


@pytest.mark.parametrize("name", CLASSES)
@own_process
def test_without_the_keyword_a_handler_is_what_it_was(name, tmp_path):
    """No attribute, no thread, no ring."""
    import fastlog

    handler = make(name, f"{tmp_path}/shop.log")

    assert handler.background is False
    assert "_background" not in vars(handler)
    assert lines_behind(handler) == 0
    assert pathlib.Path(f"{tmp_path}/shop.log").read_text() == FIVE
    assert fastlog.stats().writer_alive is False
    assert len(os.listdir("/proc/self/task")) == 1


@pytest.mark.parametrize("name", CLASSES)
@own_process
def test_what_is_no_bool_is_refused(name, tmp_path):
    """Nothing is left of the handler: no descriptor, no reference."""
    import fastlog  # noqa: F401

    find(name)
    with nothing_left():
        for value in NO_BOOLS:
            target = sys.stdout if name == "StreamHandler" else f"{tmp_path}/x.log"
            with pytest.raises(TypeError) as caught:
                find(name)(target, background=eval(value))
            kind = type(eval(value)).__name__
            refused(caught.value, TypeError, kind, "background=True", "leave it out")
            del caught


@own_process
def test_a_wrong_value_does_not_empty_the_file(tmp_path):
    """The keyword is looked at before a file is opened with mode "w"."""
    import fastlog  # noqa: F401

    path = pathlib.Path(tmp_path, "shop.log")
    path.write_text("precious\n")

    with pytest.raises(TypeError):
        logging.FileHandler(path, "w", background="yes")

    assert path.read_text() == "precious\n"


STREAMS = """
import io, logging, os, sys
import fastlog

class Tee:
    def write(self, text):
        pass

class Broken(io.StringIO):
    def fileno(self):
        raise RuntimeError("no")

class Wordy(io.StringIO):
    def fileno(self):
        return "1"

closed = open(os.devnull, "w")
closed.close()
streams = {
    "memory": io.StringIO(), "Tee": Tee(), "Broken": Broken(), "Wordy": Wordy(),
    "closed": closed, "bytes": open(os.devnull, "wb"),
}
"""


@own_process
def test_a_stream_without_a_descriptor_is_refused():
    """Memory, a tee, a closed file, one that takes bytes only."""
    names = {}
    exec(STREAMS, names)

    for kind, stream in names["streams"].items():
        with nothing_left():
            with pytest.raises(ValueError, match="background") as caught:
                logging.StreamHandler(stream, background=True)
            refused(caught.value, ValueError, "StreamHandler", *REMEDIES)
            del caught
            handler = logging.StreamHandler(stream)
            assert handler.background is False, kind
            with pytest.raises(ValueError, match="background") as caught:
                handler.background = True
            refused(caught.value, ValueError, *REMEDIES)
            assert handler.background is False
            assert "_background" not in vars(handler)
            del caught, handler
        with nothing_left():
            with pytest.raises(ValueError, match="background") as caught:
                logging.basicConfig(stream=stream, background=True)
            refused(caught.value, ValueError, "stream", *REMEDIES)
            del caught
    names["streams"]["bytes"].close()


@own_process
def test_no_standard_error_is_refused():
    """What pythonw and daemons have."""
    import fastlog  # noqa: F401

    kept, sys.stderr = sys.stderr, None
    try:
        with nothing_left():
            for call in (logging.StreamHandler, logging.basicConfig):
                with pytest.raises(ValueError, match="background") as caught:
                    call(background=True)
                refused(caught.value, ValueError, *REMEDIES)
                del caught
    finally:
        sys.stderr = kept


WRONG_CALLS = """
import json, logging, logging.handlers, sys
{head}
found = []
for name, arguments in {calls}:
    cls = getattr(logging, name, None) or getattr(logging.handlers, name)
    try:
        eval(f"cls({{arguments}})")
        found.append(None)
    except Exception as error:
        found.append([type(error).__name__, str(error)])
print(json.dumps(found))
"""
#: Constructor, arguments: each is wrong with the keyword, or without it.
CALLS = [
    ("StreamHandler", "nonsense=1"),
    ("StreamHandler", "None, None"),
    ("StreamHandler", "stream=None, strm=None"),
    ("FileHandler", ""),
    ("FileHandler", "'x', 'a', None, False, None, True"),
    ("FileHandler", "3.5"),
    ("FileHandler", "'/nowhere/at/all.log'"),
    ("FileHandler", "'/'"),
    ("FileHandler", "'x', mode='z'"),
    ("FileHandler", "'x', encoding='nonsense'"),
    ("FileHandler", "'/proc/nonsense.log'"),
    ("WatchedFileHandler", "'/nowhere/at/all.log'"),
    ("RotatingFileHandler", "'/nowhere/at/all.log'"),
    ("RotatingFileHandler", "'x', maxbytes=1"),
    ("TimedRotatingFileHandler", "'x', when='Z'"),
    ("TimedRotatingFileHandler", "'x', when='W9'"),
]


def test_other_errors_are_the_standard_librarys(tmp_path):
    """Same type, same words: the path, the mode, the argument that is unknown."""
    found = []
    for head, keyword in (("", ""), ("import fastlog", ", background=True")):
        calls = [(name, f"{arguments}{keyword}") for name, arguments in CALLS]
        calls = [(name, arguments.removeprefix(", ")) for name, arguments in calls]
        done = subprocess.run(
            [sys.executable, "-c", WRONG_CALLS.format(head=head, calls=calls)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == ""
        found.append(json.loads(done.stdout))

    theirs, ours = found
    assert None not in theirs
    assert ours == theirs


@pytest.mark.parametrize(
    "name", ["NullHandler", "BufferingHandler", "SocketHandler", "BaseRotatingHandler"]
)
@own_process
def test_other_handlers_do_not_know_the_keyword(name):
    """What has no descriptor of its own says so as it ever did."""
    import fastlog  # noqa: F401

    with pytest.raises(TypeError, match="unexpected keyword argument 'background'"):
        find(name)(background=True)


@own_process
def test_subclasses_pass_the_keyword_on(tmp_path):
    """As they do with every other; their constructors run as they are written."""
    import logging.handlers

    import fastlog  # noqa: F401

    class Marked(logging.FileHandler):
        def __init__(self, *args, mark="", **kwargs):
            super().__init__(*args, **kwargs)
            self.mark = mark

    class Turning(logging.handlers.RotatingFileHandler):
        pass

    marked = Marked(f"{tmp_path}/a.log", mark="!", background=True)
    turning = Turning(f"{tmp_path}/b.log", "a", 0, background=True)
    assert (marked.mark, marked.background, turning.background) == ("!", True, True)
    assert lines_behind(marked) == lines_behind(turning) == 5
    assert text_of(f"{tmp_path}/a.log") == text_of(f"{tmp_path}/b.log") == FIVE
    with pytest.raises(TypeError):
        Marked(f"{tmp_path}/c.log", background="yes")
    Marked(f"{tmp_path}/c.log", mark="?").close()


@own_process
def test_a_subclass_may_have_an_attribute_of_that_name():
    """Colours have backgrounds; a program that has such a handler must go on."""
    import fastlog

    class Coloured(logging.StreamHandler):
        def __init__(self, background):
            super().__init__(io.StringIO())
            self.background = background

    class Fixed(logging.StreamHandler):
        background = "green"

    coloured = Coloured("blue")
    assert coloured.background == "blue"
    del coloured.background
    assert coloured.background is False
    with pytest.raises(AttributeError):
        del coloured.background
    assert Fixed(io.StringIO()).background == "green"
    fastlog.install(background=True)
    assert lines_behind(Coloured("red")) == lines_behind(Fixed(io.StringIO())) == 0
    coloured.background = "black"
    fastlog.uninstall()
    assert coloured.background == "black"


@own_process
def test_the_attribute_switches_there_and_back(tmp_path):
    """False first writes what waits, so the file is whole and in order at once."""
    import fastlog

    path = pathlib.Path(tmp_path, "shop.log")
    handler = logging.FileHandler(path)
    expected = ""
    for turn in range(6):
        handler.background = wanted = turn % 2 == 0
        assert handler.background is wanted
        assert lines_behind(handler) == (5 if wanted else 0)
        expected += FIVE
        if not wanted:
            assert path.read_text() == expected
    handler.background = True
    lines_behind(handler)
    handler.background = False
    assert path.read_text() == expected + FIVE
    assert fastlog.stats().accepted == 20


@own_process
def test_the_attribute_refuses_what_the_constructor_refuses(tmp_path):
    """And stays what it was."""
    import fastlog  # noqa: F401

    for before in (False, True):
        handler = logging.FileHandler(f"{tmp_path}/shop.log", background=before)
        for value in NO_BOOLS:
            with pytest.raises(TypeError) as caught:
                handler.background = eval(value)
            refused(caught.value, TypeError, "True or False")
            assert handler.background is before
        with pytest.raises(AttributeError):
            del handler.background
        handler.close()


@own_process
def test_a_handler_that_never_began_has_the_attribute():
    """Debuggers and documentation tools read every attribute they find."""
    import inspect

    import fastlog

    bare = logging.FileHandler.__new__(logging.FileHandler)
    assert bare.background in (False, True)
    fastlog.install(background=True)
    assert bare.background in (False, True)
    assert isinstance(logging.StreamHandler.background, property)
    assert inspect.getdoc(logging.StreamHandler.background)
    assert "background" in dict(inspect.getmembers(logging.StreamHandler()))
    assert not hasattr(logging.NullHandler(), "background")


@own_process
def test_a_delayed_file_opens_at_its_first_record(tmp_path):
    """And has the background from then on."""
    import fastlog  # noqa: F401

    path = pathlib.Path(tmp_path, "late.log")
    handler = logging.FileHandler(path, delay=True, background=True)

    assert handler.background is True
    assert not path.exists()
    assert lines_behind(handler) >= 4
    assert text_of(path) == FIVE


@own_process
def test_install_gives_it_to_all_that_were_not_told(tmp_path):
    """To handlers of any age; what was said to one of them stands."""
    import fastlog

    old, told, memory = (
        logging.FileHandler(f"{tmp_path}/old.log"),
        logging.FileHandler(f"{tmp_path}/told.log", background=False),
        logging.StreamHandler(io.StringIO()),
    )
    assert fastlog.install(background=True) is None
    new = logging.FileHandler(f"{tmp_path}/new.log")
    assert [h.background for h in (old, told, memory, new)] == [
        True,
        False,
        False,
        True,
    ]
    assert "_background" not in vars(old)
    assert lines_behind(old) == lines_behind(new) == 5
    assert lines_behind(told) == lines_behind(memory) == 0
    fastlog.install()
    fastlog.install(background=None)
    assert old.background
    fastlog.install(background=False)
    assert pathlib.Path(tmp_path, "old.log").read_text() == FIVE
    assert [h.background for h in (old, told, memory, new)] == [False] * 4
    assert lines_behind(old) == lines_behind(new) == 0
    own = logging.FileHandler(f"{tmp_path}/own.log", background=True)
    fastlog.install(background=False)
    assert own.background
    assert lines_behind(own) == 5


@pytest.mark.parametrize("value", [v for v in NO_BOOLS if v != "None"])
@own_process
def test_install_refuses_what_is_no_bool(value, tmp_path):
    """Before it changes anything."""
    import fastlog

    handler = logging.FileHandler(f"{tmp_path}/shop.log")
    fastlog.uninstall()
    with pytest.raises(TypeError) as caught:
        fastlog.install(background=eval(value))

    refused(caught.value, TypeError, "True or False", "leave it out")
    assert not fastlog.installed()
    fastlog.install()
    assert handler.background is False


@own_process
def test_uninstall_takes_it_all_away(tmp_path):
    """Files are whole by then; the plain classes do not know the keyword."""
    import logging.handlers

    import fastlog

    path = pathlib.Path(tmp_path, "shop.log")
    handler = logging.FileHandler(path, background=True)
    assert lines_behind(handler) == 5
    fastlog.uninstall()

    assert path.read_text() == FIVE
    assert not hasattr(handler, "background")
    for name in CLASSES:
        with pytest.raises(TypeError, match="unexpected keyword argument 'background'"):
            find(name)(f"{tmp_path}/x.log", background=True)
    with pytest.raises(ValueError, match="Unrecognised argument"):
        logging.basicConfig(background=True)
    logging.root.handlers.clear()
    assert lines_behind(handler) == 0
    fastlog.install()
    assert handler.background is True
    assert lines_behind(handler) == 5
    assert text_of(path) == 3 * FIVE


LATE = """
import sys
{head}
before = list(sys.meta_path)
assert "logging.handlers" not in sys.modules
import importlib.util
found = importlib.util.find_spec("logging.handlers")
assert found.loader.get_source("logging.handlers").startswith("# Copyright")
assert found.loader.is_package("logging.handlers") is False
assert "logging.handlers" not in sys.modules
{how}
module = sys.modules["logging.handlers"]
spec = module.__spec__
print(type(module.__loader__), spec.loader is module.__loader__, spec.origin)
print(spec.has_location, module.__file__, sorted(vars(spec)), module.__package__)
print(sorted(vars(module)), [str(type(finder)) for finder in sys.meta_path])
print([str(type(finder)) for finder in before if type(finder).__name__ != "LateFinder"])
"""


@pytest.mark.parametrize(
    "how",
    [
        "import logging.handlers",
        "import logging.config",
        "import importlib; importlib.import_module('logging.handlers')",
        "module = importlib.util.module_from_spec(found); "
        "sys.modules['logging.handlers'] = module; found.loader.exec_module(module)",
    ],
)
def test_an_import_of_logging_handlers_is_an_ordinary_import(how, tmp_path):
    """Module, spec and finders are, when it is done, what they would have been."""
    shown = []
    for head in ("import logging", "import fastlog"):
        done = subprocess.run(
            [sys.executable, "-c", LATE.format(head=head, how=how)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stderr == ""
        shown.append(done.stdout)

    assert shown[1] == shown[0]


@own_process
def test_the_finder_is_gone_after_uninstall():
    """It waits for one import only while fastlog is installed."""
    forget_handlers()
    before = list(sys.meta_path)
    import fastlog

    assert len(sys.meta_path) == len(before) + 1
    fastlog.install()
    assert len(sys.meta_path) == len(before) + 1
    fastlog.uninstall()
    assert sys.meta_path == before
    import logging.handlers

    original = logging.handlers.WatchedFileHandler.__init__
    fastlog.install()
    assert logging.handlers.WatchedFileHandler.__init__ is not original
    assert sys.meta_path == before
    fastlog.uninstall()
    assert logging.handlers.WatchedFileHandler.__init__ is original


@own_process
def test_threads_import_logging_handlers_while_others_install():
    """Neither waits for the other for ever; the last call decides."""
    forget_handlers()
    import fastlog

    start = threading.Barrier(4)
    failures = []

    def repeat(call, times):
        start.wait()
        try:
            for _ in range(times):
                call()
        except BaseException as error:
            failures.append(error)

    calls = (fastlog.install, 200), (fastlog.uninstall, 200)
    calls += 2 * ((lambda: importlib.import_module("logging.handlers"), 1),)
    threads = [threading.Thread(target=repeat, args=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    fastlog.install()
    taken = find("WatchedFileHandler").__init__
    assert not [f for f in sys.meta_path if type(f).__name__ == "LateFinder"]
    fastlog.uninstall()
    assert find("WatchedFileHandler").__init__ is not taken
