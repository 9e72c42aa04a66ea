"""A replaced method is, to whoever looks at it, the function it stands for."""

from __future__ import annotations

import copy
import functools
import gc
import inspect
import json
import logging
import logging.handlers
import pickle
import subprocess
import sys
import types
import weakref
from unittest import mock

import pytest

from surface.child import own_process

#: Read by debuggers, documentation tools, decorators and test doubles.
ATTRIBUTES = (
    "__annotations__",
    "__closure__",
    "__code__",
    "__defaults__",
    "__dict__",
    "__doc__",
    "__globals__",
    "__kwdefaults__",
    "__module__",
    "__name__",
    "__qualname__",
)
METHODS = (
    (logging.Logger, "debug"),
    (logging.Logger, "info"),
    (logging.Logger, "warning"),
    (logging.Logger, "error"),
    (logging.Logger, "critical"),
    (logging.Logger, "log"),
    (logging.Logger, "exception"),
    (logging.Logger, "isEnabledFor"),
    (logging.Logger, "handle"),
    (logging.Logger, "callHandlers"),
    (logging.Handler, "handle"),
    (logging.StreamHandler, "emit"),
    (logging.Formatter, "format"),
)
NAMES = [f"{owner.__name__}.{name}" for owner, name in METHODS]


def method(name):
    """Return the owner and the entry of a method given as "Class.method"."""
    owner = getattr(logging, name.partition(".")[0])
    return owner, vars(owner)[name.partition(".")[2]]


def pair(name):
    """Return the standard library's function, and what stands in its place."""
    _, original = method(name)
    import fastlog  # noqa: F401

    _, ours = method(name)
    return original, ours


@pytest.mark.parametrize("name", NAMES)
@own_process
def test_every_attribute_is_the_functions(name):
    """Also those that a C callable would not have."""
    original, ours = pair(name)

    for attribute in ATTRIBUTES:
        assert getattr(ours, attribute) == getattr(original, attribute), attribute
    assert ours.__code__ is original.__code__
    assert ours.__globals__ is vars(logging)
    with pytest.raises(AttributeError, match="not_there"):
        ours.not_there  # noqa: B018


@pytest.mark.parametrize("name", NAMES)
@own_process
def test_inspect_tells_the_same(name):
    """Signature, documentation, kind: what help() and IDEs show."""
    original, ours = pair(name)
    owner, _ = method(name)
    instance = object.__new__(owner)
    bound = getattr(instance, original.__name__)

    assert inspect.signature(ours) == inspect.signature(original)
    parameters = list(inspect.signature(original).parameters.values())[1:]
    assert list(inspect.signature(bound).parameters.values()) == parameters
    assert inspect.getdoc(ours) == inspect.getdoc(original)
    assert inspect.getmodule(ours) is logging
    assert inspect.isroutine(ours)
    assert inspect.ismethod(bound)
    assert bound.__self__ is instance
    assert bound.__func__ is ours
    assert bound == getattr(instance, original.__name__)
    assert callable(ours)


@pytest.mark.parametrize("name", NAMES)
@own_process
def test_a_method_is_copied_pickled_and_referred_to_as_functions_are(name):
    """Copies of functions are the functions; pickles are their names."""
    _, ours = pair(name)

    assert copy.copy(ours) is ours
    assert copy.deepcopy(ours) is ours
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        data = pickle.dumps(ours, protocol)
        assert b"fastlog" not in data
        assert pickle.loads(data) is ours
    reference = weakref.ref(ours)
    assert reference() is ours
    assert ours in {ours: 1}
    assert hash(ours) == hash(ours)
    assert ours != method("Logger.getChild")[1]


@own_process
def test_bound_methods_are_pickled_with_their_logger():
    """Process pools send `logger.info` to their workers."""
    import fastlog  # noqa: F401

    log = logging.getLogger("shop")

    assert pickle.loads(pickle.dumps(log.info)) == log.info
    assert copy.deepcopy(log.info) == log.info
    assert weakref.WeakMethod(log.info)() == log.info


@own_process
def test_attributes_can_be_set_as_on_a_function():
    """Decorators mark functions; the mark is gone when the function is back."""
    original, ours = pair("Logger.info")

    ours.marked = True
    assert original.marked is True
    del ours.marked
    assert not hasattr(original, "marked")


@own_process
def test_functools_wraps_copies_what_it_copies_of_a_function():
    """Libraries wrap `Logger.info`, on the class and on instances."""
    original, ours = pair("Logger.info")
    calls = []

    @functools.wraps(ours)
    def info(self, msg, *args, **kwargs):
        calls.append(msg)
        return ours(self, msg, *args, **kwargs)

    assert info.__name__ == "info"
    assert info.__qualname__ == "Logger.info"
    assert info.__wrapped__ is ours
    assert inspect.signature(info) == inspect.signature(original)
    logging.Logger.info = info
    logging.getLogger("shop").info("text")
    partial = functools.partialmethod(ours, "fixed")
    logging.Logger.say = partial
    logging.getLogger("shop").say()
    assert calls == ["text"]


@own_process
def test_autospec_refuses_what_the_function_refuses():
    """`create_autospec` reads the signature and whether there is a self."""
    _, ours = pair("Logger.info")
    double = mock.create_autospec(logging.Logger, instance=True)
    free = mock.create_autospec(ours)

    double.info("text %s", 1, extra={})
    free(None, "text")
    double.info.assert_called_once_with("text %s", 1, extra={})
    with pytest.raises(TypeError, match="msg"):
        double.info()
    with pytest.raises(TypeError, match="msg"):
        free(None)
    with mock.patch.object(logging.Logger, "info", autospec=True) as info:
        logging.getLogger("shop").info("x")
        info.assert_called_once_with(logging.getLogger("shop"), "x")


@own_process
def test_methods_are_called_on_what_is_no_logger():
    """`Logger.info(obj, …)`: only the attributes that the function uses are needed."""
    import fastlog  # noqa: F401

    class Duck:
        disabled = False

        def __init__(self):
            self.calls = []

        def isEnabledFor(self, level):
            return level >= logging.INFO

        def _log(self, level, msg, args, **kwargs):
            self.calls.append((level, msg, args, kwargs))

    duck = Duck()
    logging.Logger.info(duck, "one %s", 1, extra={"a": 1})
    logging.Logger.debug(duck, "never")
    logging.Logger.log(duck, 35, "two")
    logging.Logger.error(self=duck, msg="three")

    assert duck.calls == [
        (20, "one %s", (1,), {"extra": {"a": 1}}),
        (35, "two", (), {}),
        (40, "three", (), {}),
    ]
    with pytest.raises(AttributeError, match="isEnabledFor"):
        logging.Logger.info(None, "x")
    with pytest.raises(TypeError, match="level"):
        logging.Logger.info(logging.Logger, "x")


@own_process
def test_methods_fit_into_other_classes():
    """A class that is no Logger may borrow a method, as any function."""
    _, ours = pair("Logger.isEnabledFor")
    replaced_handle = logging.Handler.handle

    class Other:
        _cache = types.MappingProxyType({10: True})
        disabled = False
        enabled = ours
        static = staticmethod(ours)

    class Third(Other, logging.Handler):
        handle = replaced_handle

    assert Other().enabled(10) is True
    assert Other.static(Other(), 10) is True
    assert Third().enabled(10) is True


WRONG_CALLS = """
import json
import logging
import traceback

log = logging.getLogger("shop")
log.addHandler(logging.NullHandler())
log.propagate = False
calls = [
    "log.info()",
    "log.debug()",
    "log.log()",
    "log.log(20)",
    "log.log('INFO', 'text')",
    "log.log(None, 'text')",
    "log.info('x', nonsense=1)",
    "log.warning('x', nonsense=1)",
    "log.warning('x', msg='y')",
    "log.debug('x', msg='y')",
    "log.warning('x', self=1)",
    "log.warning('x', stacklevel='1')",
    "log.warning('x', extra={'message': 1})",
    "log.warning('x', extra=5)",
    "log.exception()",
    "log.isEnabledFor()",
    "log.isEnabledFor('INFO')",
    "log.isEnabledFor(1, 2)",
    "log.isEnabledFor([])",
    "logging.Logger.info()",
    "logging.Logger.info('text', 'x')",
    "logging.Logger.isEnabledFor(log)",
    "logging.Logger.callHandlers(log)",
    "logging.Handler.handle(None)",
    "logging.Handler().handle(None)",
    "logging.Formatter().format(None)",
    "logging.Formatter.format()",
    "logging.Formatter().format(1, 2)",
    "logging.StreamHandler().emit()",
    "log.handle(None)",
]
found = []
for call in calls:
    try:
        found.append([call, repr(eval(call))])
    except BaseException as error:
        names = [
            (frame.filename.rpartition("/")[2], frame.name)
            for frame in traceback.extract_tb(error.__traceback__)[1:]
        ]
        found.append([call, type(error).__name__, str(error), names])
print(json.dumps(found))
"""


def test_wrong_calls_raise_what_the_functions_raise():
    """Type and message are the same; frames are the standard library's, or none."""
    found = []
    for head in ("", "import fastlog\n"):
        done = subprocess.run(
            [sys.executable, "-c", head + WRONG_CALLS],
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == ""
        found.append(json.loads(done.stdout))

    theirs, ours = found
    assert sum(len(entry) == 4 for entry in theirs) > 20
    for expected, entry in zip(theirs, ours, strict=True):
        assert entry[:3] == expected[:3]
        if len(expected) == 4:
            assert entry[3][0] == expected[3][0]
            assert all(frame in expected[3] for frame in entry[3]), entry


@own_process
def test_methods_are_known_to_the_garbage_collector():
    """No count drifts, and a collection in the middle does no harm."""
    _, ours = pair("Logger.info")
    log = logging.getLogger("shop")
    before = sys.getrefcount(ours)

    for _ in range(1000):
        log.info("never")
        logging.Logger.info(log, "never")
        weakref.ref(ours)
        copy.copy(ours)
        pickle.dumps(ours)
    gc.collect()

    assert abs(sys.getrefcount(ours) - before) <= 2
    assert gc.is_tracked(ours)
