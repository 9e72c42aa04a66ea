import logging
import sys
from logging import *  # noqa: F403
from logging import (
    _STYLES as _STYLES,
)
from logging import (
    Filterer as Filterer,
)
from logging import (
    Manager as Manager,
)
from logging import (
    PercentStyle as PercentStyle,
)
from logging import (
    PlaceHolder as PlaceHolder,
)
from logging import (
    RootLogger as RootLogger,
)
from logging import (
    StrFormatStyle as StrFormatStyle,
)
from logging import (
    StringTemplateStyle as StringTemplateStyle,
)
from logging import (
    _levelToName as _levelToName,
)
from logging import (
    _nameToLevel as _nameToLevel,
)
from logging import (
    _srcfile as _srcfile,
)
from logging import (
    currentframe as currentframe,
)
from logging import (
    logMultiprocessing as logMultiprocessing,
)
from logging import (
    logProcesses as logProcesses,
)
from logging import (
    logThreads as logThreads,
)
from logging import (
    root as root,
)

if sys.version_info >= (3, 12):
    from logging import (
        getHandlerByName as getHandlerByName,
    )
    from logging import (
        getHandlerNames as getHandlerNames,
    )

__version__: str

def install() -> None: ...
def uninstall() -> None: ...
def installed() -> bool: ...
def explain(
    logger: str | logging.Logger | logging.LoggerAdapter[logging.Logger] | None = None,
) -> str: ...
