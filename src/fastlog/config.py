"""The names of `logging.config`, which this module mirrors."""

from logging.config import *  # noqa: F403

from fastlog._mirror import mirror as _mirror

_mirror(__name__, "logging.config", frozenset({"_mirror"}))
