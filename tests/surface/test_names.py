"""Every name of `logging` is there, is the same object, and stays the same.

The module `fastlog` is a view of `logging`: what is set on either is set on both.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pickle
import re
import subprocess
import sys
import types
from unittest import mock

import pytest

import harness
from surface.child import own_process

MODULES = ("", ".handlers", ".config")
#: What tells a module from others: imported submodules, and most of what follows.
SUBMODULES = {"config", "handlers"}
#: Names that programs compare or copy, though they look like the module's own.
SHARED = {"__all__", "__file__"}
OURS = {
    "configure_writer",
    "explain",
    "flush",
    "install",
    "installed",
    "stats",
    "uninstall",
}
#: Everything that programs assign in the module, and CPython's own tests.
FLAGS = [
    "BASIC_FORMAT",
    "_STYLES",
    "_defaultFormatter",
    "_handlerList",
    "_handlers",
    "_levelToName",
    "_lock",
    "_logRecordFactory",
    "_loggerClass",
    "_nameToLevel",
    "_srcfile",
    "_startTime",
    "_warnings_showwarning",
    "lastResort",
    "logMultiprocessing",
    "logProcesses",
    "logThreads",
    "os",
    "raiseExceptions",
    "root",
    "threading",
    "time",
    "a_name_of_nobody",
    *(["logAsyncioTasks"] if sys.version_info >= (3, 12) else []),
]


def mirrored(names):
    """Return the *names* of a module of `logging` that its mirror has as well."""
    return {n for n in names if not n.startswith("__")} - SUBMODULES | SHARED & {*names}


def signature(thing):
    """Return how *thing* is called, as text; None if it is not, or will not say."""
    try:
        return re.sub(" at 0x[0-9a-f]+", "", str(inspect.signature(thing)))
    except (TypeError, ValueError):
        return None


def describe(module):
    """Return the names of *module*, with signatures; classes with their methods'."""
    return {
        name: [
            signature(value),
            {key: signature(entry) for key, entry in vars(value).items()}
            if isinstance(value, type) and value.__module__ == module.__name__
            else None,
        ]
        for name, value in vars(module).items()
    }


@pytest.fixture(scope="session")
def plain():
    """What a process without fastlog finds in each of the three modules."""
    code = (
        "import inspect, json, logging.config, logging.handlers, re, sys\n"
        f"{inspect.getsource(signature)}\n{inspect.getsource(describe)}\n"
        f"names = ['logging' + suffix for suffix in {MODULES}]\n"
        "print(json.dumps([describe(sys.modules[name]) for name in names]))\n"
        "assert 'fastlog' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return dict(zip(MODULES, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("suffix", MODULES)
@own_process
def test_every_name_is_the_standard_librarys_object(suffix, plain):
    """Public or underscored: programs and CPython's tests reach for both."""
    ours = importlib.import_module(f"fastlog{suffix}")
    theirs = importlib.import_module(f"logging{suffix}")

    for name in mirrored(plain[suffix]) - SHARED:
        assert getattr(ours, name) is getattr(theirs, name), name
    assert len(plain[suffix]) > 20


@pytest.mark.parametrize("suffix", MODULES)
@own_process
def test_every_signature_is_the_standard_librarys(suffix, plain):
    """Of functions, of classes and of each of their methods, in C or not."""
    theirs = importlib.import_module(f"logging{suffix}")
    importlib.import_module(f"fastlog{suffix}")

    found = describe(theirs)

    for name in mirrored(plain[suffix]):
        of_value, of_methods = plain[suffix][name]
        assert found[name][0] == of_value, name
        for method, of_method in (of_methods or {}).items():
            assert found[name][1][method] == of_method, (name, method)


@pytest.mark.parametrize("suffix", MODULES)
@own_process
def test_classes_gain_hooks_and_one_attribute(suffix, plain):
    """A name of ours in a class could meet one that a subclass made up."""
    theirs = importlib.import_module(f"logging{suffix}")
    importlib.import_module(f"fastlog{suffix}")

    for name, (_, methods) in plain[suffix].items():
        if methods is not None:
            gained = set(vars(getattr(theirs, name))) - set(methods)
            if name == "StreamHandler":
                gained -= {"background"}
            assert gained <= {"__setattr__", "__delattr__"}, (name, gained)


@own_process
def test_no_name_of_ours_is_a_name_of_logging(plain):
    """Or a program would get something else than it asked for."""
    import fastlog

    theirs = set(plain[""]) | set(plain[".handlers"]) | set(plain[".config"])
    own = {name for name in vars(fastlog) if not name.startswith("_")} - theirs
    modules = {n for n in own if isinstance(vars(fastlog)[n], types.ModuleType)}

    assert own - modules == OURS
    assert not (OURS | {"WriterStats"}) & theirs
    assert own == set(dir(fastlog)) & own


@own_process
def test_a_star_import_brings_what_logging_brings():
    """`__all__` is the standard library's, so nobody's `explain` is overwritten."""
    import logging

    import fastlog

    ours, theirs = {}, {}
    exec("from fastlog import *", ours)
    exec("from logging import *", theirs)
    del ours["__builtins__"], theirs["__builtins__"]

    assert fastlog.__all__ == logging.__all__
    assert set(ours) >= set(theirs) >= {"Logger", "getLogger"}
    for name, value in theirs.items():
        assert ours[name] is value


@own_process
def test_dir_lists_both_modules_names(plain):
    """Completion in a shell offers what is there."""
    import fastlog

    assert set(dir(fastlog)) >= mirrored(plain[""]) | OURS


@pytest.mark.parametrize(
    "statement",
    [
        "import fastlog.handlers as found",
        "from fastlog import handlers as found",
        "import fastlog; from fastlog.handlers import *; found = fastlog.handlers",
    ],
)
@own_process
def test_submodules_are_imported_in_every_way(statement):
    """As programs write it of `logging.handlers`."""
    import logging.handlers

    names = {}
    exec(statement, names)

    assert names["found"].QueueHandler is logging.handlers.QueueHandler
    assert sys.modules["fastlog.handlers"] is names["found"]


@own_process
def test_the_module_says_who_it_is():
    """Its own name, but logging's file: programs skip frames by comparing it."""
    import logging

    import fastlog

    assert fastlog.__name__ == "fastlog"
    assert fastlog.__spec__.name == "fastlog"
    assert fastlog.__file__ == logging.__file__
    assert isinstance(fastlog, types.ModuleType)
    assert fastlog.__version__ != logging.__version__


@pytest.mark.parametrize("direction", ["fastlog to logging", "logging to fastlog"])
@own_process
def test_a_flag_set_on_either_module_is_set_on_both(direction):
    """Programs assign flags on the module they imported, whichever that is."""
    import logging

    import fastlog

    missing = object()
    near, far = fastlog, logging
    if direction.startswith("logging"):
        near, far = logging, fastlog
    for name in FLAGS:
        old, new = getattr(near, name, missing), object()
        setattr(near, name, new)
        try:
            found = getattr(far, name), vars(logging)[name]
        finally:
            setattr(near, name, old) if old is not missing else delattr(near, name)
        assert found == (new, new), name
        assert getattr(far, name, missing) is old, name


@pytest.mark.parametrize("direction", ["fastlog to logging", "logging to fastlog"])
@own_process
def test_a_name_deleted_on_either_module_is_gone_from_both(direction):
    """Test doubles delete names, and look whether they are gone."""
    import logging

    import fastlog

    near, far = fastlog, logging
    if direction.startswith("logging"):
        near, far = logging, fastlog
    for name in set(FLAGS) & set(vars(logging)):
        old = getattr(near, name)
        delattr(near, name)
        try:
            left = [hasattr(module, name) for module in (near, far)]
            with pytest.raises(AttributeError):
                delattr(near, name)
        finally:
            setattr(near, name, old)
        assert left == [False, False], name
        assert getattr(far, name) is old, name


@own_process
def test_functions_that_set_flags_set_them_on_both():
    """setLoggerClass, setLogRecordFactory, captureWarnings, addLevelName, disable."""
    import logging
    import warnings

    import fastlog

    class Ours(fastlog.Logger):
        pass

    fastlog.setLoggerClass(Ours)
    fastlog.setLogRecordFactory(dict)
    fastlog.addLevelName(5, "TRACE")
    fastlog.disable(fastlog.INFO)
    fastlog.captureWarnings(True)

    assert logging.getLoggerClass() is Ours is logging._loggerClass
    assert logging.getLogRecordFactory() is dict is fastlog._logRecordFactory
    assert logging.getLevelName("TRACE") == 5 == fastlog._nameToLevel["TRACE"]
    assert logging.root.manager.disable == fastlog.INFO
    assert warnings.showwarning is fastlog._showwarning
    assert fastlog._warnings_showwarning is logging._warnings_showwarning is not None
    logging.captureWarnings(False)
    assert fastlog._warnings_showwarning is None


@pytest.mark.parametrize("module", ["fastlog", "logging"])
@own_process
def test_mock_patches_either_module(module):
    """mock.patch reads, sets and deletes by getattr, setattr and delattr."""
    import logging

    import fastlog

    before = logging.getLogger
    with mock.patch(f"{module}.getLogger") as getter:
        assert fastlog.getLogger is getter is logging.getLogger
        logging.getLogger("x")
        getter.assert_called_once_with("x")
    assert fastlog.getLogger is before is logging.getLogger
    with mock.patch(f"{module}.not_there", 1, create=True):
        assert fastlog.not_there == 1 == logging.not_there
    assert not hasattr(fastlog, "not_there")
    assert not hasattr(logging, "not_there")
    with mock.patch.multiple(module, raiseExceptions=False, lastResort=None):
        assert (fastlog.raiseExceptions, logging.lastResort) == (False, None)
    assert logging.raiseExceptions is True


@pytest.mark.parametrize("module", ["fastlog", "logging"])
@own_process
def test_a_patched_method_reaches_loggers_of_any_age(module):
    """`mock.patch("logging.Logger.info")` is in countless test suites."""
    import logging

    old = logging.getLogger("old")
    import fastlog

    logger_class = fastlog.Logger
    before = vars(logger_class)["info"]
    young = fastlog.getLogger("young")
    with mock.patch(f"{module}.Logger.info", autospec=True) as info:
        old.info("one %s", 1)
        young.info("two")
    assert [call.args for call in info.call_args_list] == [
        (old, "one %s", 1),
        (young, "two"),
    ]
    assert vars(logger_class)["info"] is before


@own_process
def test_a_reload_of_fastlog_changes_nothing():
    """Shells and development servers reload modules."""
    import logging

    import fastlog

    before = dict(vars(logging.Logger))
    again = importlib.reload(fastlog)

    assert again is fastlog is sys.modules["fastlog"]
    assert dict(vars(logging.Logger)) == before
    fastlog.raiseExceptions = False
    assert logging.raiseExceptions is False


@own_process
def test_objects_are_pickled_by_the_standard_librarys_names():
    """A process without fastlog must be able to load them."""
    import fastlog

    named = fastlog.getLogger("shop.cart")
    record = fastlog.makeLogRecord({"msg": "text", "args": (1,)})

    for thing in (named, fastlog.Logger, fastlog.getLogger, fastlog.root):
        data = pickle.dumps(thing)
        assert b"fastlog" not in data
        assert pickle.loads(data) is thing
    data = pickle.dumps(record)
    assert b"fastlog" not in data
    assert vars(pickle.loads(data)) == vars(record)


EFFECTS = """
import io
import logging
import sys

out = io.StringIO()
handler = logging.StreamHandler(out)
handler.setFormatter(
    logging.Formatter(
        "%(message)s|%(thread)s|%(threadName)s|%(process)s|%(processName)s|"
        "%(taskName)s|%(filename)s:%(lineno)d %(funcName)s|%(levelname)s",
        defaults={"taskName": "no task"},
    )
)
log = logging.getLogger("shop")
log.propagate = False
log.addHandler(handler)


def tell(flag):
    out.seek(0)
    out.truncate()
    log.warning("number %d", 3)
    fields = out.getvalue().split("|")
    fields[1] = fields[1] if fields[1] == "None" else "a number"
    fields[3] = fields[3] if fields[3] == "None" else "a number"
    print(flag, fields)


def change(flag, value):
    if not hasattr(logging, flag):
        return
    tell(flag)
    before = getattr(logging, flag)
    setattr(logging, flag, value)
    tell(flag)
    setattr(logging, flag, before)
    tell(flag)


change("logThreads", False)
change("logProcesses", False)
change("logMultiprocessing", False)
change("logAsyncioTasks", False)
change("_srcfile", None)
change("_levelToName", {30: "Attention"})
logging._levelToName[30] = "Notice"
tell("a level's name")
logging._levelToName[30] = "WARNING"



def factory(name, level, path, line, msg, args, exc_info, *others, **more):
    return logging.LogRecord(name, level, path, line, "made", (), exc_info)


change("_logRecordFactory", factory)
logging.raiseExceptions = False
log.warning("no %d", "number")
logging.raiseExceptions = True
log.warning("no %d", "number")
lost = logging.getLogger("lost")
lost.warning("to the last resort")
logging.lastResort = None
lost.warning("to nobody")
lost.warning("to nobody")
"""


@pytest.mark.parametrize("mode", harness.MODES)
def test_flags_act_at_once_as_in_logging(mode, tmp_path):
    """What a flag does is the standard library's, on the native way as well."""
    program = tmp_path / "effects.py"
    program.write_text(EFFECTS)

    theirs = harness.run(program, mode=harness.REFERENCE)
    ours = harness.run(program, mode=mode)

    assert theirs.returncode == 0
    assert ours.stdout == theirs.stdout
    assert ours.stderr == theirs.stderr
    assert ours.went_native()
