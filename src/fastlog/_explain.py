"""Which way each handler's records take, and why."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from fastlog import _install, _runtime
from fastlog._native import core


def explain(
    logger: logging.Logger | logging.LoggerAdapter[logging.Logger] | str | None = None,
) -> str:
    """Say how the records of *logger*, a logger or a name, are made and written.

    Without an argument: of the root logger and of every logger that has handlers.
    A handler is `native` when its lines are made and written without Python code, or
    `Python`, with the reason and what to change. Where something is written in the
    background, the writer, its settings and what the system lacks follow.

    Raises:
        TypeError: *logger* is neither a logger nor a name nor None.

    Source: ours; `logging` has no counterpart.
    """
    while isinstance(logger, logging.LoggerAdapter):
        logger = logger.logger
    if logger is not None and not isinstance(logger, logging.Logger | str):
        raise TypeError(
            "explain() takes a logger, a logger's name or None, "
            f"not {type(logger).__name__}"
        )
    why = _install.unavailable()
    if why is None and not _install.installed():
        why = "fastlog.uninstall() was called"
    if why is not None:
        return f"fastlog is not installed ({why}): every record goes through Python."
    if logger is None:
        chosen = [logging.root, *_with_handlers()]
    elif isinstance(logger, str):
        chosen = [logging.getLogger(logger)]
    else:
        chosen = [logger]
    lines = [line for each in chosen for line in _lines(each)]
    if _writer_matters(chosen):
        lines += _runtime.describe_writer()
    return "\n".join(lines)


def _writer_matters(loggers: list[logging.Logger]) -> bool:
    """Return whether anything of *loggers*, or of others, is in the background."""
    if core is None:
        return False
    return (
        core.background_default(None)
        or core.writer_stats()["writer_alive"]
        or any(
            isinstance(handler, logging.StreamHandler)
            and getattr(handler, "background", False) is True
            for logger in loggers
            for _, handler in _reached(logger)
        )
    )


def _with_handlers() -> Iterator[logging.Logger]:
    found = logging.Logger.manager.loggerDict
    for name in sorted(found):
        logger = found[name]
        if isinstance(logger, logging.Logger) and logger.handlers:
            yield logger


def _lines(logger: logging.Logger) -> Iterator[str]:
    if core is None:
        return
    level = logging.getLevelName(logger.getEffectiveLevel())
    yield f"logger {logger.name!r}, level {level}"
    if logger.disabled:
        yield "  disabled: its calls end at the level check"
    reason = core.logger_way(logger)
    if reason is not None:
        yield f"  records: made and passed on in Python, because {reason}"
    reached = list(_reached(logger))
    if not reached:
        yield (
            "  no handler: WARNING and above go to logging.lastResort, through "
            "Python; add a handler, or call basicConfig()"
        )
    for owner, handler in reached:
        at = "" if owner is logger else f" (of logger {owner.name!r})"
        yield f"  {_describe(handler)}{at}: {core.handler_way(handler)}"
    if not logger.propagate and logger.parent is not None:
        yield "  propagate is false: handlers of parent loggers are not reached"


def _reached(
    logger: logging.Logger,
) -> Iterator[tuple[logging.Logger, logging.Handler]]:
    """Yield what Logger.callHandlers would call."""
    current: logging.Logger | None = logger
    while current:
        for handler in current.handlers:
            yield current, handler
        current = current.parent if current.propagate else None


def _describe(handler: logging.Handler) -> str:
    try:
        return repr(handler)
    except Exception:  # a handler whose __init__ was never run
        return f"<{type(handler).__qualname__}>"
