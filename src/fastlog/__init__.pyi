import logging
import sys
from collections.abc import Iterable
from io import TextIOWrapper
from logging import (
    _STYLES as _STYLES,
    BASIC_FORMAT as BASIC_FORMAT,
    CRITICAL as CRITICAL,
    DEBUG as DEBUG,
    ERROR as ERROR,
    FATAL as FATAL,
    INFO as INFO,
    NOTSET as NOTSET,
    WARN as WARN,
    WARNING as WARNING,
    BufferingFormatter as BufferingFormatter,
    Filter as Filter,
    Filterer as Filterer,
    Formatter as Formatter,
    Handler as Handler,
    Logger as Logger,
    LoggerAdapter as LoggerAdapter,
    LogRecord as LogRecord,
    Manager as Manager,
    NullHandler as NullHandler,
    PercentStyle as PercentStyle,
    PlaceHolder as PlaceHolder,
    RootLogger as RootLogger,
    StrFormatStyle as StrFormatStyle,
    StringTemplateStyle as StringTemplateStyle,
    __all__ as __all__,
    _levelToName as _levelToName,
    _nameToLevel as _nameToLevel,
    _srcfile as _srcfile,
    addLevelName as addLevelName,
    captureWarnings as captureWarnings,
    critical as critical,
    currentframe as currentframe,
    debug as debug,
    disable as disable,
    error as error,
    exception as exception,
    fatal as fatal,
    getLevelName as getLevelName,
    getLevelNamesMapping as getLevelNamesMapping,
    getLogger as getLogger,
    getLoggerClass as getLoggerClass,
    getLogRecordFactory as getLogRecordFactory,
    info as info,
    lastResort as lastResort,
    log as log,
    logMultiprocessing as logMultiprocessing,
    logProcesses as logProcesses,
    logThreads as logThreads,
    makeLogRecord as makeLogRecord,
    raiseExceptions as raiseExceptions,
    root as root,
    setLoggerClass as setLoggerClass,
    setLogRecordFactory as setLogRecordFactory,
    shutdown as shutdown,
    warn as warn,
    warning as warning,
)
from typing import Generic, Literal, TextIO, TypeVar, overload

from _typeshed import StrPath, SupportsWrite

from fastlog._stats import WriterStats as WriterStats

if sys.version_info >= (3, 12):
    from logging import (
        getHandlerByName as getHandlerByName,
        getHandlerNames as getHandlerNames,
    )

__version__: str

def explain(
    logger: logging.Logger | logging.LoggerAdapter[logging.Logger] | str | None = None,
) -> str: ...
def install(*, background: bool | None = None) -> None: ...
def installed() -> bool: ...
def uninstall(*arguments: object, **options: object) -> None: ...
def configure_writer(
    *,
    ring_bytes: int | None = None,
    overflow: Literal["block", "drop", "sync"] | None = None,
    shutdown_timeout: float | None = None,
) -> None: ...
def flush(timeout: float | None = None) -> bool: ...
def stats() -> WriterStats: ...

# At run time the standard library's own classes, which gain `background`.

_StreamT = TypeVar("_StreamT", bound=SupportsWrite[str])

class StreamHandler(logging.StreamHandler[_StreamT], Generic[_StreamT]):
    @overload
    def __init__(
        self: StreamHandler[TextIO], stream: None = None, *, background: bool = ...
    ) -> None: ...
    @overload
    def __init__(
        self: StreamHandler[_StreamT], stream: _StreamT, *, background: bool = ...
    ) -> None: ...
    @property
    def background(self) -> bool: ...
    @background.setter
    def background(self, value: bool) -> None: ...

class FileHandler(StreamHandler[TextIOWrapper], logging.FileHandler):
    stream: TextIOWrapper | None
    def __init__(
        self,
        filename: StrPath,
        mode: str = "a",
        encoding: str | None = None,
        delay: bool = False,
        errors: str | None = None,
        *,
        background: bool = ...,
    ) -> None: ...

@overload
def basicConfig(
    *,
    format: str = ...,
    datefmt: str | None = None,
    style: Literal["%", "{", "$"] = "%",
    level: int | str | None = None,
    handlers: Iterable[logging.Handler],
    force: bool | None = False,
    background: bool = ...,
) -> None: ...
@overload
def basicConfig(
    *,
    filename: StrPath | None,
    filemode: str = "a",
    format: str = ...,
    datefmt: str | None = None,
    style: Literal["%", "{", "$"] = "%",
    level: int | str | None = None,
    handlers: None = None,
    force: bool | None = False,
    encoding: str | None = None,
    errors: str | None = "backslashreplace",
    background: bool = ...,
) -> None: ...
@overload
def basicConfig(
    *,
    format: str = ...,
    datefmt: str | None = None,
    style: Literal["%", "{", "$"] = "%",
    level: int | str | None = None,
    stream: SupportsWrite[str] | None = None,
    handlers: None = None,
    force: bool | None = False,
    background: bool = ...,
) -> None: ...
