"""The keyword `background`: in constructors, in basicConfig(), and as attribute.

The native core takes the keyword out of a constructor's call, or out of
basicConfig()'s, and calls back here. What a handler was told stands in its `__dict__`
as `_background`; a handler that was told nothing follows install(background=…).
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from fastlog._native import core

_SETTING = "_background"


def on_background(handler: logging.StreamHandler[Any] | None, value: object) -> None:
    """Do what `background=value`, given to the constructor of *handler*, says.

    Before that constructor has done anything, *handler* is None.

    Raises:
        TypeError: *value* is no bool.
        ValueError: *handler* cannot write in the background.
        OSError: There is no memory for the ring.

    After an error nothing of the handler is left: no open file, no reference.
    """
    if handler is None:
        return check(value)
    try:
        check(value)
        if value:
            _require(handler)
        setattr(handler, _SETTING, value)
    except BaseException:
        _discard(handler)
        raise
    return None


def check(value: object) -> None:
    """Raise TypeError unless *value* is what `background` can be."""
    if not isinstance(value, bool):
        raise TypeError(
            f"background must be True or False, not {type(value).__name__}: "
            "give background=True, or leave it out"
        )


def _require(handler: logging.Handler, subject: str | None = None) -> None:
    """Raise unless *handler* can write in the background; make sure of the ring."""
    if core is None:
        return
    reason = core.background_reason(handler)
    if reason is not None:
        _refuse(subject or f"this {type(handler).__qualname__}", reason)
    core.writer_prepare()


def _refuse(subject: str, reason: str) -> NoReturn:
    raise ValueError(
        f"background=True is not possible for {subject}, because {reason}: use a "
        "file or a stream with a file descriptor, wrap the handler in "
        "fastlog.handlers.BackgroundHandler, or leave background out"
    )


def _discard(handler: logging.Handler) -> None:
    """Take back what the constructors of the standard library did."""
    if isinstance(handler, logging.FileHandler):
        stream, handler.stream = handler.stream, None
        if stream is not None:
            stream.close()
    logging.Handler.close(handler)
    references = logging._handlerList  # type: ignore[attr-defined]
    with logging._lock:  # type: ignore[attr-defined]
        references[:] = [known for known in references if known() is not handler]


def _get(handler: logging.Handler) -> Any:
    """Whether the lines of this handler are written in the background.

    As the handler was told, else as install(background=…) says; False where the
    handler cannot. Setting it switches: False first writes what waits.
    """
    fields = handler.__dict__
    if "background" in fields:
        return fields["background"]
    if core is None:
        return False
    wanted = fields.get(_SETTING)
    if not isinstance(wanted, bool):
        wanted = core.background_default(None)
    return wanted and core.background_reason(handler) is None


def _set(handler: logging.Handler, value: object) -> None:
    if not isinstance(value, bool) and not _of_library(type(handler)):
        # A subclass's own attribute of that name, which logging would have kept.
        handler.__dict__["background"] = value
        return
    check(value)
    if value:
        _require(handler)
        handler.__dict__.pop("background", None)
        setattr(handler, _SETTING, True)
        return
    handler.__dict__.pop("background", None)
    _flush(handler)
    setattr(handler, _SETTING, False)
    # For what other threads logged in between.
    _flush(handler)


def _delete(handler: logging.Handler) -> None:
    try:
        del handler.__dict__["background"]
    except KeyError:
        raise AttributeError("background") from None


def _of_library(cls: type) -> bool:
    return cls.__module__ in {"logging", "logging.handlers"}


def _flush(handler: logging.Handler) -> None:
    if core is not None:
        core.writer_flush(core.writer_shutdown_timeout(), handler)


#: Stands in `logging.StreamHandler` while fastlog is installed.
background = property(_get, _set, _delete)


def is_background(thing: object) -> bool:
    """Return whether *thing* is that property, of this or an earlier import."""
    getter = getattr(thing, "fget", None)
    return (
        isinstance(thing, property)
        and getattr(getter, "__module__", None) == __name__
        and getattr(getter, "__name__", None) == _get.__name__
    )


def basic_config(
    original: Callable[..., None], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    """Do what logging.basicConfig() with the keyword `background` does.

    What can be wrong with it is found before anything is changed. As all other
    arguments it means nothing when the root logger has handlers, without `force`.

    Raises:
        TypeError: `background` is no bool.
        ValueError: A stream, or one of `handlers`, cannot be written in the
            background.
        OSError: There is no memory for the ring.
    """
    kwargs = dict(kwargs)
    value = kwargs.pop("background")
    check(value)
    root = logging.root
    with logging._lock:  # type: ignore[attr-defined]
        configures = bool(kwargs.get("force")) or not root.handlers
        if args or not configures:
            return original(*args, **kwargs)
        if value:
            _check_sources(kwargs)
        original(**kwargs)
        # It began with none, or took all away.
        for handler in root.handlers:
            if isinstance(handler, logging.StreamHandler):
                _set(handler, value)
    return None


def _check_sources(kwargs: dict[str, Any]) -> None:
    """Raise if what basicConfig(**kwargs) will write to has no background.

    What basicConfig() itself objects to is left to it.
    """
    if core is None:
        return
    if kwargs.get("handlers") is not None:
        try:
            handlers = kwargs["handlers"] = list(kwargs["handlers"])
        except TypeError:
            return
        for number, handler in enumerate(handlers):
            if isinstance(handler, logging.Handler) and not _works_behind(handler):
                kind = type(handler).__qualname__
                _require(handler, f"handlers[{number}], a {kind}")
    elif not kwargs.get("filename"):
        stream = kwargs.get("stream")
        if stream is None:
            stream = sys.stderr
        probe = logging.StreamHandler(stream)
        reason = core.background_reason(probe)
        _discard(probe)
        if reason is not None:
            _refuse(f"stream={type(stream).__qualname__}", reason)
    elif "b" in str(kwargs.get("filemode", "a")):
        _refuse(f"filemode={kwargs['filemode']!r}", "text cannot be written to it")
    core.writer_prepare()


def _works_behind(handler: logging.Handler) -> bool:
    """Return whether it is a BackgroundHandler, which needs no writer."""
    module = sys.modules.get("fastlog._background")
    kind = getattr(module, "BackgroundHandler", None)
    return kind is not None and isinstance(handler, kind)
