"""testfixtures' LogCapture."""

import pytest

from clients.compare import same
from harness import MODES


@pytest.mark.parametrize("mode", MODES)
def test_captured_records_are_the_same(mode):
    """It replaces handlers, filters, disabled and propagate directly."""
    same(
        "testfixtures_capture",
        mode=mode,
        shows=("sequence not as expected", "enabled within", "ROOT deco decorated 2"),
    )
