"""install() and uninstall(): in place, put back, and nothing lost in between."""

from __future__ import annotations

import importlib
import inspect
import logging
import logging.config
import logging.handlers
import os
import pathlib
import subprocess
import sys
import threading
import types
from unittest import mock

import pytest

import harness
from surface.child import own_process

MODULES = (logging, logging.handlers, logging.config)


def classes():
    """Return every class that `logging` and its submodules define."""
    return {
        value
        for module in MODULES
        for value in vars(module).values()
        if isinstance(value, type) and value.__module__ == module.__name__
    }


def entries():
    """Return what stands in every class, and in the modules themselves."""
    found = {cls: dict(vars(cls)) for cls in classes()}
    found |= {module: dict(vars(module)) for module in MODULES}
    return found


def replaced(before, after):
    """Return the (owner, name) pairs whose object is another one."""
    missing = object()
    return {
        (owner, name)
        for owner in before
        for name in before[owner].keys() | after[owner].keys()
        if before[owner].get(name, missing) is not after[owner].get(name, missing)
        and name not in {"__abstractmethods__", "__builtins__"}
    }


def is_new(owner):
    """Return whether a reload of `logging` alone makes *owner* anew."""
    return getattr(owner, "__module__", owner.__name__) == "logging"


def own_lines(log):
    """Return a list that fills with the messages that *log*'s own handler gets."""
    lines = []

    class Keeper(logging.Handler):
        def emit(self, record):
            lines.append(record.getMessage())

    log.addHandler(Keeper())
    log.propagate = False
    return lines


@own_process
def test_the_hot_methods_are_replaced_and_every_entry_is_put_back():
    """What uninstall() leaves must be the very objects that were there before."""
    before = entries()
    import fastlog

    assert fastlog.installed()
    names = {f"{owner.__name__}.{name}" for owner, name in replaced(before, entries())}
    assert names >= {"Logger.info", "Logger.isEnabledFor", "Logger.__setattr__"}
    fastlog.uninstall()

    assert not fastlog.installed()
    assert replaced(before, entries()) == set()
    assert type(logging.Logger.info) is types.FunctionType


@own_process
def test_both_calls_can_be_repeated():
    """Several libraries of one program may call either."""
    before = entries()
    import fastlog

    within = entries()
    assert fastlog.install() is None
    fastlog.install()
    assert replaced(within, entries()) == set()
    assert fastlog.uninstall() is None
    fastlog.uninstall()
    assert replaced(before, entries()) == set()
    fastlog.install()
    fastlog.install()
    fastlog.uninstall()
    assert replaced(before, entries()) == set()
    fastlog.install()
    assert fastlog.installed()
    assert {name for _, name in replaced(before, entries())} >= {"info", "debug"}


@own_process
def test_loggers_log_through_install_and_uninstall():
    """A logger in use sees neither; its state is the standard library's."""
    log = logging.getLogger("shop")
    lines = own_lines(log)
    log.setLevel("INFO")
    import fastlog

    for number in range(6):
        log.info("number %d", number)
        log.debug("never")
        (fastlog.uninstall, fastlog.install)[number % 2]()
        assert log.isEnabledFor(10) is False
        assert log.isEnabledFor(20) is True

    assert lines == [f"number {number}" for number in range(6)]


@own_process
def test_levels_set_while_uninstalled_are_seen_after_install():
    """Nothing known from before may outlive the time without our hooks."""
    import fastlog

    log = logging.getLogger("shop")
    lines = own_lines(log)
    log.setLevel("INFO")
    log.info("one")
    fastlog.uninstall()
    log.setLevel("ERROR")
    log.info("hidden")
    fastlog.install()
    log.info("hidden")
    fastlog.uninstall()
    vars(log)["level"] = logging.DEBUG
    log.manager._clear_cache()
    log.handlers[0].addFilter(lambda record: record.getMessage() != "filtered")
    fastlog.install()
    log.debug("two")
    log.debug("filtered")

    assert lines == ["one", "two"]


@own_process
def test_threads_install_and_uninstall_while_others_log():
    """No call is lost, none raises, and the last call decides."""
    before = entries()
    import fastlog

    log = logging.getLogger("shop")
    lines = own_lines(log)
    log.setLevel("INFO")
    failures = []
    start = threading.Barrier(8)

    def switch(first, second):
        start.wait()
        try:
            for _ in range(200):
                first()
                second()
        except BaseException as error:
            failures.append(error)

    def write(name):
        start.wait()
        try:
            for number in range(500):
                log.info("%s %d", name, number)
                log.debug("never")
        except BaseException as error:
            failures.append(error)

    threads = [
        threading.Thread(target=switch, args=(fastlog.install, fastlog.uninstall)),
        threading.Thread(target=switch, args=(fastlog.uninstall, fastlog.install)),
        threading.Thread(target=switch, args=(fastlog.install, fastlog.install)),
        threading.Thread(target=switch, args=(fastlog.uninstall, fastlog.uninstall)),
        *(threading.Thread(target=write, args=(name,)) for name in "abcd"),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert sorted(lines) == sorted(f"{n} {i}" for n in "abcd" for i in range(500))
    fastlog.uninstall()
    assert replaced(before, entries()) == set()
    fastlog.install()
    assert fastlog.installed()


@own_process
def test_a_patch_made_after_install_survives_uninstall():
    """An error tracker's patch must not be lost, and goes on calling what it took."""
    import fastlog

    log = logging.getLogger("shop")
    lines = own_lines(log)
    seen = []
    taken = logging.Logger.callHandlers

    def call_handlers(self, record):
        seen.append(record.getMessage())
        return taken(self, record)

    logging.Logger.callHandlers = call_handlers
    log.warning("installed")
    fastlog.uninstall()
    assert logging.Logger.callHandlers is call_handlers
    log.warning("uninstalled")
    fastlog.install()
    assert logging.Logger.callHandlers is call_handlers
    log.warning("again")
    logging.Logger.callHandlers = taken
    log.warning("unpatched")

    assert seen == ["installed", "uninstalled", "again"]
    assert lines == ["installed", "uninstalled", "again", "unpatched"]


@own_process
def test_a_patch_made_before_the_import_is_left_in_place():
    """The fast method would not call it."""
    log = logging.getLogger("shop")
    lines = own_lines(log)
    seen = []
    original = logging.Logger.callHandlers

    def call_handlers(self, record):
        seen.append(record.getMessage())
        return original(self, record)

    logging.Logger.callHandlers = call_handlers
    import fastlog

    log.warning("installed")
    logging.Logger.callHandlers = original
    log.warning("unpatched")
    fastlog.uninstall()
    log.warning("uninstalled")

    assert logging.Logger.callHandlers is original
    assert seen == ["installed"]
    assert lines == ["installed", "unpatched", "uninstalled"]


@own_process
def test_a_method_taken_before_uninstall_still_works():
    """Programs keep bound methods, `log = logger.info`, for as long as they run."""
    import fastlog

    log = logging.getLogger("shop")
    lines = own_lines(log)
    log.setLevel("INFO")
    bound, unbound = log.info, logging.Logger.info
    enabled = log.isEnabledFor
    fastlog.uninstall()
    bound("one %d", 1)
    unbound(log, "two %d", 2)
    assert enabled(20)
    log.setLevel("ERROR")
    assert not enabled(20)
    bound("hidden")
    fastlog.install()
    bound("hidden")
    log.setLevel("INFO")
    bound("three")

    assert lines == ["one 1", "two 2", "three"]


@own_process(FASTLOG_DISABLE="1")
def test_the_variable_turns_everything_off():
    """The import then changes nothing, and explain() says why nothing is fast."""
    before = entries()
    import fastlog

    assert replaced(before, entries()) == set()
    assert not fastlog.installed()
    fastlog.raiseExceptions = False
    assert logging.raiseExceptions is False
    assert fastlog.Logger is logging.Logger
    fastlog.raiseExceptions = True
    logging.basicConfig(filename=os.devnull)
    assert "FASTLOG_DISABLE" in fastlog.explain()
    fastlog.install()
    assert replaced(before, entries()) == set()
    fastlog.uninstall()
    assert replaced(before, entries()) == set()


@pytest.mark.parametrize("value", ["", "0"])
def test_an_empty_or_zero_variable_turns_nothing_off(value):
    """Shell scripts unset variables by emptying them."""
    code = "import fastlog; print(fastlog.installed())"

    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "FASTLOG_DISABLE": value},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "True\n"


@pytest.mark.parametrize("name", ["install", "uninstall", "installed"])
@own_process
def test_a_wrong_argument_is_refused_on_one_line(name):
    """It says what is wrong and what to do, and changes nothing."""
    import fastlog

    before = entries()
    with pytest.raises(TypeError) as caught:
        getattr(fastlog, name)(1)

    text = str(caught.value)
    assert name in text
    assert "argument" in text
    assert "\n" not in text
    assert replaced(before, entries()) == set()


SUBINTERPRETER = """
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters

code = '''
import logging
import types
try:
    import fastlog
except ImportError:
    print("no fastlog here", end=" ")
print(type(logging.Logger.info) is types.FunctionType, end=" ")
logging.basicConfig(format="%(message)s")
logging.warning("plain %d", 1)
print(flush=True)
'''
import fastlog
import logging

logging.basicConfig(format="%(message)s")
for _ in range(2):
    made = interpreters.create()
    interpreters.run_string(made, code)
    interpreters.destroy(made)
    logging.warning("ours %d", 1)
print(fastlog.installed(), type(logging.Logger.info) is type(logging.Logger.debug))
"""


def test_a_subinterpreter_gets_the_plain_classes(tmp_path):
    """C state belongs to one interpreter; another one must not share it, or crash."""
    program = tmp_path / "program.py"
    program.write_text(SUBINTERPRETER)

    done = subprocess.run(
        [sys.executable, program], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    lines = [line.replace("no fastlog here ", "") for line in done.stdout.splitlines()]
    assert [line.strip() for line in lines] == ["True", "True", "True True"]
    assert done.stderr == "plain 1\nours 1\nplain 1\nours 1\n"


@own_process
def test_a_reloaded_logging_is_plain_until_install():
    """Test suites reload it; the new classes are as good as the old ones."""
    import fastlog

    importlib.reload(logging)
    assert type(logging.Logger.info) is types.FunctionType
    log = logging.Logger("new")
    lines = own_lines(log)
    log.warning("plain")
    # The classes of logging.handlers were not reloaded, so they are ours still.
    before = {owner: names for owner, names in entries().items() if is_new(owner)}
    fastlog.install()
    assert fastlog.installed()
    assert type(logging.Logger.info) is not types.FunctionType
    log.warning("installed")
    assert fastlog.Logger is logging.Logger
    fastlog.uninstall()
    assert replaced(before, entries()) == set()
    log.warning("plain again")

    assert lines == ["plain", "installed", "plain again"]


@own_process
def test_importing_fastlog_again_is_one_more_install():
    """A fresh import of the package must not take our methods for the originals."""
    before = entries()
    import fastlog

    for name in [name for name in sys.modules if name.partition(".")[0] == "fastlog"]:
        if not name.startswith("fastlog._core"):
            del sys.modules[name]
    again = importlib.import_module("fastlog")
    assert again is not fastlog
    assert again.installed()
    again.uninstall()

    assert replaced(before, entries()) == set()


PAUSES = """
import logging
import sys

import fastlog

log = logging.getLogger("shop")
handler = logging.StreamHandler(sys.stdout)
handler.setFormatter(logging.Formatter("%(funcName)s %(lineno)d %(message)s"))
log.addHandler(handler)


def count():
    counts = fastlog._core.counts()
    return counts["calls"] + counts["records"]


def speak():
    before = count()
    log.warning("number %d", 1)
    print(count() - before, flush=True)


speak()
fastlog.uninstall()
speak()
fastlog.install()
speak()
"""


def test_the_native_way_is_taken_exactly_while_installed(tmp_path):
    """The counters say which way; the lines are the same."""
    program = tmp_path / "program.py"
    program.write_text(PAUSES)

    done = subprocess.run(
        [sys.executable, program], capture_output=True, text=True, check=False
    )

    assert done.stderr == ""
    line = "speak 20 number 1"
    assert done.stdout.splitlines() == [line, "1", line, "0", line, "1"]


LATE = """
import logging
import sys

old = logging.getLogger("old")
handler = logging.StreamHandler(sys.stdout)
old.addHandler(handler)
old.propagate = False


class Sub(logging.Logger):
    pass


sub = Sub("sub")
sub.addHandler(handler)
held = old.warning
import fastlog

fastlog.install()
for number in range(3):
    old.warning("old %d", number)
    sub.warning("sub %d", number)
    held("held %d", number)
print(fastlog._core.counts()["calls"] + fastlog._core.counts()["records"])
print(isinstance(handler, fastlog.Handler), type(old) is fastlog.Logger)
"""


def test_what_was_made_before_takes_part(tmp_path):
    """Loggers, handlers, subclasses and bound methods from before the import."""
    program = tmp_path / "program.py"
    program.write_text(LATE)

    done = subprocess.run(
        [sys.executable, program], capture_output=True, text=True, check=False
    )

    assert done.stderr == ""
    lines = [f"{name} {n}" for n in range(3) for name in ("old", "sub", "held")]
    assert done.stdout.splitlines()[:9] == lines
    # The method bound before the import is the standard library's own function.
    assert int(done.stdout.splitlines()[9]) >= 6
    assert done.stdout.splitlines()[10] == "True True"


def test_the_install_costs_a_process_nothing_at_its_end(tmp_path):
    """No thread, no atexit order, no message: a program just ends."""
    code = "import fastlog, threading; print(threading.active_count())"

    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")


@pytest.mark.parametrize("mode", harness.MODES)
def test_the_harness_itself_tells_ours_from_theirs(mode, tmp_path):
    """Every comparison rests on this: the reference has no counters, ours has."""
    program = tmp_path / "program.py"
    program.write_text("import logging\nlogging.warning('text %d', 1)\n")

    theirs = harness.run(program, mode=harness.REFERENCE)
    ours = harness.run(program, mode=mode)

    assert theirs.counts is None
    assert ours.went_native()
    assert ours.stderr == theirs.stderr == "WARNING:root:text 1\n"


def test_own_process_reports_what_fails_in_the_child():
    """A test that cannot fail would be worth nothing."""
    with pytest.raises(pytest.fail.Exception, match="what the child says"):
        own_process(says)()


def says():
    """Fail, in a child; named by the test above."""
    raise ValueError("what the child says")


@own_process
def test_nothing_is_imported_that_logging_does_not_need():
    """`import fastlog` is quick, and shadows no module of the program's folder."""
    import fastlog  # noqa: F401

    kept = {"argparse", "asyncio", "socket", "multiprocessing", "fastlog._cli"}
    code = "import fastlog, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert kept.isdisjoint(done.stdout.split())


@own_process
def test_inspection_finds_logging_not_fastlog():
    """Debuggers, documentation tools and test doubles look at these."""
    import fastlog  # noqa: F401

    path = pathlib.Path(logging.__file__).resolve()

    assert pathlib.Path(inspect.getfile(logging.Logger)).resolve() == path
    assert inspect.getmodule(logging.Logger) is logging
    assert mock.create_autospec(logging.Logger, instance=True).info("x") is not None
