"""`logging`, faster: the standard library's own objects, their hot methods in C.

Every name of `logging` is here, and is the same object; flags set on either module
are one. Importing this installs the native methods in place.
"""

from logging import *  # noqa: F403

from fastlog._explain import explain as explain
from fastlog._install import (
    install as install,
    installed as installed,
    uninstall as uninstall,
)
from fastlog._mirror import mirror_logging as _mirror_logging
from fastlog._runtime import (
    configure_writer as configure_writer,
    flush as flush,
    stats as stats,
)

__version__ = "0.1.0"

_mirror_logging(__name__)
install()
