import datetime
import logging.handlers
from logging.handlers import (
    DEFAULT_HTTP_LOGGING_PORT as DEFAULT_HTTP_LOGGING_PORT,
    DEFAULT_SOAP_LOGGING_PORT as DEFAULT_SOAP_LOGGING_PORT,
    DEFAULT_TCP_LOGGING_PORT as DEFAULT_TCP_LOGGING_PORT,
    DEFAULT_UDP_LOGGING_PORT as DEFAULT_UDP_LOGGING_PORT,
    SYSLOG_TCP_PORT as SYSLOG_TCP_PORT,
    SYSLOG_UDP_PORT as SYSLOG_UDP_PORT,
    BaseRotatingHandler as BaseRotatingHandler,
    BufferingHandler as BufferingHandler,
    DatagramHandler as DatagramHandler,
    HTTPHandler as HTTPHandler,
    MemoryHandler as MemoryHandler,
    NTEventLogHandler as NTEventLogHandler,
    QueueHandler as QueueHandler,
    QueueListener as QueueListener,
    SMTPHandler as SMTPHandler,
    SocketHandler as SocketHandler,
    SysLogHandler as SysLogHandler,
)

from _typeshed import StrPath

from fastlog import FileHandler
from fastlog._background import BackgroundHandler as BackgroundHandler

# At run time the standard library's own classes, which gain `background`.

class WatchedFileHandler(FileHandler, logging.handlers.WatchedFileHandler):
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

class RotatingFileHandler(FileHandler, logging.handlers.RotatingFileHandler):
    def __init__(
        self,
        filename: StrPath,
        mode: str = "a",
        maxBytes: int = 0,
        backupCount: int = 0,
        encoding: str | None = None,
        delay: bool = False,
        errors: str | None = None,
        *,
        background: bool = ...,
    ) -> None: ...

class TimedRotatingFileHandler(FileHandler, logging.handlers.TimedRotatingFileHandler):
    def __init__(
        self,
        filename: StrPath,
        when: str = "h",
        interval: int = 1,
        backupCount: int = 0,
        encoding: str | None = None,
        delay: bool = False,
        utc: bool = False,
        atTime: datetime.time | None = None,
        errors: str | None = None,
        *,
        background: bool = ...,
    ) -> None: ...
