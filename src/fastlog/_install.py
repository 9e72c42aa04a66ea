"""The table of replaced methods: what, by what; put in, put back."""

from __future__ import annotations

import logging
import os
import sys
import threading
from typing import Any

from fastlog import _keyword, _late, _runtime
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
    ("Handler", "close"),
    ("Handler", "handleError"),
    ("Handler", "__setattr__"),
    ("Handler", "__delattr__"),
    ("StreamHandler", "__init__"),
    ("StreamHandler", "emit"),
    ("StreamHandler", "flush"),
    ("FileHandler", "__init__"),
    ("FileHandler", "emit"),
    ("FileHandler", "close"),
    ("Formatter", "format"),
    ("Formatter", "__setattr__"),
    ("Formatter", "__delattr__"),
    ("PercentStyle", "__setattr__"),
    ("PercentStyle", "__delattr__"),
    ("LogRecord", "__init__"),
    ("LogRecord", "getMessage"),
)
#: Those of `logging.handlers`, replaced as soon as a program has imported it.
HANDLERS = "logging.handlers"
HANDLERS_TABLE: tuple[tuple[str, str], ...] = (
    ("BaseRotatingHandler", "emit"),
    ("RotatingFileHandler", "__init__"),
    ("RotatingFileHandler", "doRollover"),
    ("TimedRotatingFileHandler", "__init__"),
    ("TimedRotatingFileHandler", "doRollover"),
    ("WatchedFileHandler", "__init__"),
    ("WatchedFileHandler", "emit"),
)

_lock = threading.RLock()
#: What stands in a class, or a module, now by our doing: (owner, name) -> (ours, what
#: was there).
_placed: dict[tuple[Any, str], tuple[Any, Any]] = {}
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


def install(*, background: bool | None = None) -> None:
    """Replace the hot methods of `logging`, in place, by their native ways.

    Importing fastlog has done it already; saying it again changes nothing. Does
    nothing where FASTLOG_DISABLE is set, or in a subinterpreter.

    Args:
        background: True has every handler write in the background that has a file
            descriptor and was not told otherwise; False takes that back. Left
            out, or None, it stays as it is: at first, False.

    Raises:
        TypeError: *background* is something else, or another argument was given.
        OSError: There is no memory for the ring.

    Source: ours; `logging` has no counterpart.
    """
    if background is not None:
        _keyword.check(background)
    if core is None or disabled():
        return
    if background:
        core.writer_prepare()
    with _lock:
        for (_, name), method in core.prepare(TABLE).items():
            _place(method.__fastlog_owner__, name, method)
        _place_background()
        core.set_callbacks(
            background=_keyword.on_background, basic_config=_keyword.basic_config
        )
        _await_handlers()
        core.switch(True)
    if background is not None:
        _set_default(background)


def _set_default(background: bool) -> None:
    """Let handlers that were told nothing write in the background, or no longer."""
    if core is None or core.background_default(None) is background:
        return
    core.writer_flush(_runtime.limit_s(), None)
    core.background_default(background)
    # For what other threads logged in between.
    core.writer_flush(_runtime.limit_s(), None)


def uninstall(*arguments: object, **options: object) -> None:
    """Put back every method that install() replaced and nobody replaced since.

    A method that somebody saved, or wrapped, calls the original from now on. What
    waits for the background writer is written first.

    Raises:
        TypeError: An argument was given; there is none.

    Source: ours; `logging` has no counterpart.
    """
    _refuse("uninstall", arguments, options)
    if core is not None:
        core.writer_flush(_runtime.limit_s(), None)
    with _lock:
        if core is not None:
            core.switch(False)
        _late.forget_import(HANDLERS)
        for (cls, name), (method, before) in _placed.items():
            if cls.__dict__.get(name) is not method:
                continue
            if before is _ABSENT:
                delattr(cls, name)
            else:
                setattr(cls, name, before)
        _placed.clear()
    if core is not None:
        # For what other threads logged in between.
        core.writer_flush(_runtime.limit_s(), None)


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


def _place_background() -> None:
    """Put `handler.background` where no other thing of that name stands."""
    cls: Any = logging.StreamHandler
    present = cls.__dict__.get("background", _ABSENT)
    if present is not _ABSENT and not _keyword.is_background(present):
        return
    if present is not _keyword.background:
        cls.background = _keyword.background
    _placed[cls, "background"] = (_keyword.background, _ABSENT)


def _await_handlers() -> None:
    """Replace the methods of `logging.handlers`: now, or when it is imported."""
    # One that a thread is importing just now has no classes yet.
    if hasattr(sys.modules.get(HANDLERS), HANDLERS_TABLE[-1][0]):
        _place_handlers()
    else:
        _late.await_import(HANDLERS, _handlers_imported)


def _handlers_imported() -> None:
    with _lock:
        if core is not None and installed():
            _place_handlers()
            core.switch(True)


def _place_handlers() -> None:
    if core is None:
        return
    _late.forget_import(HANDLERS)
    for (_, name), method in core.prepare_handlers(HANDLERS_TABLE).items():
        _place(method.__fastlog_owner__, name, method)


def _refuse(function: str, arguments: tuple[object, ...], options: object) -> None:
    if arguments or options:
        raise TypeError(
            f"fastlog.{function}() takes no arguments: call it as fastlog.{function}()"
        )


def _renew_lock() -> None:
    """In a forked child, where the thread that held the lock does not exist."""
    global _lock
    _lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)
