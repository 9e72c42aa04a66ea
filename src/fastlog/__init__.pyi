import logging
import sys
from logging import *  # noqa: F403
from logging import (
    _STYLES as _STYLES,
    Filterer as Filterer,
    Manager as Manager,
    PercentStyle as PercentStyle,
    PlaceHolder as PlaceHolder,
    RootLogger as RootLogger,
    StrFormatStyle as StrFormatStyle,
    StringTemplateStyle as StringTemplateStyle,
    __all__ as __all__,
    _levelToName as _levelToName,
    _nameToLevel as _nameToLevel,
    _srcfile as _srcfile,
    currentframe as currentframe,
    logMultiprocessing as logMultiprocessing,
    logProcesses as logProcesses,
    logThreads as logThreads,
    root as root,
)

if sys.version_info >= (3, 12):
    from logging import (
        getHandlerByName as getHandlerByName,
        getHandlerNames as getHandlerNames,
    )

__version__: str

def explain(
    logger: logging.Logger | logging.LoggerAdapter[logging.Logger] | str | None = None,
) -> str: ...
def install(*arguments: object, **options: object) -> None: ...
def installed() -> bool: ...
def uninstall(*arguments: object, **options: object) -> None: ...
