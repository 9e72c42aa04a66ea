"""Twisted's STDLibLogObserver."""

import pytest

from clients.compare import same
from harness import MODES


@pytest.mark.parametrize("mode", MODES)
def test_events_are_logged_the_same(mode):
    """It replaces `logger.findCaller` on the instance and counts frames."""
    same(
        "twisted_logging", mode=mode, shows=("error 'x'", "a direct call 1", "direct 1")
    )
