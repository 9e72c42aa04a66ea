"""The table of replaced methods: what, by what; put in, put back."""

from __future__ import annotations

import os
import threading
from typing import Any

from fastlog._native import core, missing

#: Every hot method of `logging`: (class, method). The native core makes one callable
#: for each whose function is the standard library's own.
TABLE: tuple[tuple[str, str], ...] = (
    ("Logger", "debug"),
    ("Logger", "info"),
    ("Logger", "warning"),
    ("Logger", "error"),
    ("Logger", "critical"),
    ("Logger", "exception"),
    ("Logger", "log"),
    ("Logger", "isEnabledFor"),
    ("Logger", "getEffectiveLevel"),
    ("Logger", "_log"),
    ("Logger", "handle"),
    ("Logger", "callHandlers"),
    ("Logger", "__setattr__"),
    ("Logger", "__delattr__"),
    ("Manager", "_clear_cache"),
    ("Handler", "handle"),
    ("Handler", "format"),
    ("Handler", "handleError"),
    ("Handler", "__setattr__"),
    ("Handler", "__delattr__"),
    ("StreamHandler", "emit"),
    ("FileHandler", "emit"),
    ("Formatter", "format"),
    ("Formatter", "__setattr__"),
    ("Formatter", "__delattr__"),
    ("PercentStyle", "__setattr__"),
    ("PercentStyle", "__delattr__"),
    ("LogRecord", "__init__"),
    ("LogRecord", "getMessage"),
)

_lock = threading.RLock()
#: What stands in a class now by our doing: (class, name) -> (ours, what was there).
_placed: dict[tuple[type, str], tuple[Any, Any]] = {}
_ABSENT = object()


def disabled() -> bool:
    """Return whether FASTLOG_DISABLE asks to leave `logging` as it is."""
    return os.environ.get("FASTLOG_DISABLE", "") not in ("", "0")


def unavailable() -> str | None:
    """Return why nothing can be replaced here, or None."""
    if core is None:
        return f"the native core does not load: {missing}"
    if disabled():
        return "FASTLOG_DISABLE is set"
    return None


def installed() -> bool:
    """Return whether the methods of `logging` are the native ones now."""
    return bool(_placed)


def install(*arguments: object, **options: object) -> None:
    """Replace the hot methods of `logging`, in place, by their native ways.

    Importing fastlog has done it already; saying it again changes nothing. Does
    nothing where FASTLOG_DISABLE is set, or in a subinterpreter.

    Raises:
        TypeError: An argument was given; there is none.

    Source: ours; `logging` has no counterpart.
    """
    _refuse("install", arguments, options)
    if core is None or disabled():
        return
    with _lock:
        for (_, name), method in core.prepare(TABLE).items():
            _place(method.__fastlog_owner__, name, method)
        core.switch(True)


def uninstall(*arguments: object, **options: object) -> None:
    """Put back every method that install() replaced and nobody replaced since.

    A method that somebody saved, or wrapped, calls the original from now on.

    Raises:
        TypeError: An argument was given; there is none.

    Source: ours; `logging` has no counterpart.
    """
    _refuse("uninstall", arguments, options)
    with _lock:
        for (cls, name), (method, before) in _placed.items():
            if cls.__dict__.get(name) is not method:
                continue
            if before is _ABSENT:
                delattr(cls, name)
            else:
                setattr(cls, name, before)
        _placed.clear()
        if core is not None:
            core.switch(False)


def _place(cls: Any, name: str, method: Any) -> None:
    """Put *method* into *cls* where the function it was made for stands."""
    present = cls.__dict__.get(name, _ABSENT)
    original = method.__fastlog_original__
    added = original is getattr(object, name, None)
    if present is not method:
        if present is not (_ABSENT if added else original):
            return
        setattr(cls, name, method)
    _placed[cls, name] = (method, _ABSENT if added else original)


def _refuse(function: str, arguments: tuple[object, ...], options: object) -> None:
    if arguments or options:
        raise TypeError(
            f"fastlog.{function}() takes no arguments: call it as fastlog.{function}()"
        )
