"""structlog on the standard library."""

import pytest

from clients.compare import same
from harness import MODES


@pytest.mark.parametrize("mode", MODES)
def test_bound_loggers_write_the_same(mode):
    """Its Logger class has a findCaller that walks Python frames."""
    same(
        "structlog_stdlib",
        mode=mode,
        shows=("level_number", "who called?", "taken %s", "log_all"),
    )


@pytest.mark.parametrize("mode", MODES)
def test_processor_formatter_renders_the_same(mode):
    """One formatter renders its own records, whose msg is a dict, and foreign ones."""
    same(
        "structlog_formatter",
        mode=mode,
        shows=("ours failed", "foreign failed too", "positional_args=(4,)"),
    )
