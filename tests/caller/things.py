"""Builds values from the plain data of a case, and describes values as plain data.

A case is JSON, so that a failing one can be printed and replayed. A JSON scalar
stands for itself; a list is `[kind, detail…]`. Runs in the child processes.
"""

from __future__ import annotations

import collections.abc
import datetime
import decimal
import fractions
import types

#: What happened, in order; emptied for each case.
EVENTS: list = []


class StrSub(str):
    """A str that is not exactly a str."""


class StrSubSpoken(str):
    """A str subclass whose text is another than its content."""

    def __str__(self):
        """Say something else, and be counted."""
        EVENTS.append(["str-sub-str"])
        return "spoken"


class IntSub(int):
    """An int that is not exactly an int."""


class FloatSub(float):
    """A float that is not exactly a float."""

    def __repr__(self):
        """Say something else."""
        return "float-sub"


class Mapping(collections.abc.Mapping):
    """A mapping that is no dict and counts what is asked of it."""

    def __init__(self, pairs):
        """Hold *pairs*."""
        self.pairs = dict(pairs)

    def __getitem__(self, key):
        """Count and look up."""
        EVENTS.append(["mapping-getitem", key])
        return self.pairs[key]

    def __len__(self):
        """Count and measure."""
        EVENTS.append(["mapping-len"])
        return len(self.pairs)

    def __iter__(self):
        """Count and iterate."""
        EVENTS.append(["mapping-iter"])
        return iter(self.pairs)

    def __repr__(self):
        """Show the pairs."""
        return f"Mapping({self.pairs})"


class Plan:
    """What an odd object does when one of its special methods is called."""

    def __init__(self, label, what, world):
        """Remember the plan *what*: `[kind, detail]`."""
        self.label, self.what, self.world = label, what, world

    def act(self):
        """Do it: return, raise or log."""
        EVENTS.append(["odd", self.label])
        kind, detail = self.what
        if kind == "raise":
            raise EXCEPTIONS[detail](f"from {self.label}")
        if kind == "log":
            self.world.log_inside(detail)
            return "logged"
        if kind == "return":
            return build(detail, self.world)
        return detail


class Odd:
    """An object whose special methods follow plans and are counted."""

    def __init__(self, plans, world):
        """Take *plans*, a mapping of special method names without underscores."""
        self._plans = {k: Plan(k, v, world) for k, v in plans.items()}

    def __str__(self):
        """Follow the plan for str."""
        return self._follow("str", "odd-str")

    def __repr__(self):
        """Follow the plan for repr."""
        return self._follow("repr", "odd-repr")

    def __format__(self, spec):
        """Follow the plan for format."""
        return self._follow("format", f"odd-format:{spec}")

    def __int__(self):
        """Follow the plan for int."""
        return self._follow("int", 41)

    def __index__(self):
        """Follow the plan for index."""
        return self._follow("index", 42)

    def __float__(self):
        """Follow the plan for float."""
        return self._follow("float", 43.5)

    def __bool__(self):
        """Follow the plan for bool."""
        return self._follow("bool", True)

    def __eq__(self, other):
        """Be counted and equal to nothing."""
        EVENTS.append(["odd", "eq"])
        return self._follow("eq", False)

    __hash__ = object.__hash__

    def _follow(self, name, usual):
        """Return what the plan says, or *usual* without one."""
        plan = self._plans.get(name)
        if plan is None:
            EVENTS.append(["odd", name])
            return usual
        return plan.act()


class OddError(Exception):
    """An exception whose text raises."""

    def __str__(self):
        """Raise."""
        EVENTS.append(["odd-error-str"])
        raise ValueError("no text")


EXCEPTIONS: dict[str, type[BaseException]] = {
    "ValueError": ValueError,
    "TypeError": TypeError,
    "KeyError": KeyError,
    "AttributeError": AttributeError,
    "OSError": OSError,
    "RecursionError": RecursionError,
    "MemoryError": MemoryError,
    "UnicodeError": UnicodeError,
    "StopIteration": StopIteration,
    "ZeroDivisionError": ZeroDivisionError,
    "KeyboardInterrupt": KeyboardInterrupt,
    "SystemExit": SystemExit,
    "GeneratorExit": GeneratorExit,
    "OddError": OddError,
}


def raised(spec, world):
    """Return an exception with a traceback, made from `[name, args, extras]`."""
    name, args, extras = spec
    exc = EXCEPTIONS[name](*[build(a, world) for a in args])
    if "group" in extras:
        exc = ExceptionGroup("several", [raised(s, world) for s in extras["group"]])
    try:
        if "cause" in extras:
            raise exc from raised(extras["cause"], world)
        if "context" in extras:
            try:
                raise raised(extras["context"], world)
            except BaseException:
                raise exc  # noqa: B904
        raise exc
    except BaseException as caught:
        for note in extras.get("notes", ()):
            caught.add_note(note)
        if extras.get("bare"):
            caught.__traceback__ = None
        return caught


SIMPLE = {
    "strsub": StrSub,
    "spoken": StrSubSpoken,
    "intsub": IntSub,
    "floatsub": FloatSub,
    "float": float,
    "decimal": decimal.Decimal,
    "fraction": fractions.Fraction,
    "bytes": lambda text: text.encode("latin-1"),
    "bytearray": lambda text: bytearray(text, "latin-1"),
    "power": lambda n: 10**n,
    "minus-power": lambda n: -(10**n) + 7,
    "repeat": lambda pair: pair[0] * pair[1],
    "complex": complex,
    "date": lambda days: datetime.date(2020, 1, 1) + datetime.timedelta(days),
    "type": lambda name: EXCEPTIONS[name],
    "range": range,
}


def build(spec, world):
    """Return the value that *spec* stands for."""
    if not isinstance(spec, list):
        return spec
    kind, *detail = spec
    if kind in SIMPLE:
        return SIMPLE[kind](*detail)
    if kind in CONTAINERS:
        return CONTAINERS[kind](detail[0], world)
    if kind == "odd":
        return Odd(detail[0], world)
    if kind == "exc":
        return raised(detail[0], world)
    if kind == "exc_info":
        exc = raised(detail[0], world)
        return (type(exc), exc, exc.__traceback__)
    if kind == "ellipsis":
        return ...
    if kind == "self-list":
        found: list = []
        found.append(found)
        return found
    raise AssertionError(spec)


CONTAINERS = {
    "tuple": lambda items, world: tuple(build(i, world) for i in items),
    "list": lambda items, world: [build(i, world) for i in items],
    "dict": lambda pairs, world: {build(k, world): build(v, world) for k, v in pairs},
    "mapping": lambda pairs, world: Mapping((k, build(v, world)) for k, v in pairs),
    "proxy": lambda pairs, world: types.MappingProxyType(
        {k: build(v, world) for k, v in pairs}
    ),
    "frozenset": lambda items, world: frozenset(items[:1]),
}


def frames(trace):
    """Return file, line and function of each step of a traceback."""
    found = []
    while trace is not None:
        code = trace.tb_frame.f_code
        found.append([code.co_filename, trace.tb_lineno, code.co_name])
        trace = trace.tb_next
    return found


def describe_exception(exc, depth=3):
    """Return type, text and chain of an exception, without its traceback."""
    if exc is None or depth == 0:
        return None
    try:
        text = str(exc)
    except Exception as error:
        text = f"<{type(error).__name__}>"
    return {
        "type": type(exc).__qualname__,
        "text": text,
        "cause": describe_exception(exc.__cause__, depth - 1),
        "context": describe_exception(exc.__context__, depth - 1),
        "suppress": exc.__suppress_context__,
    }


def describe(value, depth=4):
    """Return *value* as plain data, with its type, calling none of its methods."""
    kind = type(value)
    if value is None or kind in (bool, str):
        return value
    if kind is int:
        return value if -(2**53) < value < 2**53 else ["int", hex(value)]
    if kind is float:
        return ["float", repr(value)]
    if depth == 0:
        return ["deep", kind.__name__]
    if kind in (tuple, list):
        return [kind.__name__, [describe(v, depth - 1) for v in value]]
    if kind is dict:
        items = [[describe(k), describe(v, depth - 1)] for k, v in value.items()]
        return ["dict", items]
    if isinstance(value, str):
        return [kind.__name__, str.__str__(value)]
    if isinstance(value, BaseException):
        return ["exception", describe_exception(value)]
    if kind is types.TracebackType:
        return ["traceback", frames(value)]
    if kind in (bytes, decimal.Decimal, fractions.Fraction):
        return [kind.__name__, repr(value)]
    if isinstance(value, type):
        return ["class", value.__qualname__]
    return ["object", kind.__qualname__]
