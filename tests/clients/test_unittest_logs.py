"""unittest's assertLogs and assertNoLogs."""

import pytest

from clients.compare import same
from harness import MODES


@pytest.mark.parametrize("mode", MODES)
def test_assert_logs_collects_and_fails_the_same(mode):
    """It swaps handlers, level and propagate of a logger, then puts them back."""
    same(
        "unittest_assertlogs",
        mode=mode,
        descriptors=False,  # handlers that collect
        shows=(
            "INFO:app.mail:to eve",
            "no logs of level WARNING",
            "Unexpected logs found",
            "Ran 9 tests",
        ),
    )
