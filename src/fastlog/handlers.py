"""The names of `logging.handlers`, which this module mirrors, and BackgroundHandler."""

from logging.handlers import *  # noqa: F403

from fastlog._background import BackgroundHandler as BackgroundHandler
from fastlog._mirror import mirror as _mirror

_mirror(__name__, "logging.handlers", frozenset({"BackgroundHandler", "_mirror"}))
