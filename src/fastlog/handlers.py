"""The names of `logging.handlers`, which this module mirrors."""

from logging.handlers import *  # noqa: F403

from fastlog._mirror import mirror as _mirror

_mirror(__name__, "logging.handlers", frozenset({"_mirror"}))
