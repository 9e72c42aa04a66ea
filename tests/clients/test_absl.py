"""absl's logging, whose logger counts Python frames."""

import pytest

from clients.compare import same
from harness import MODES


@pytest.mark.parametrize("mode", MODES)
def test_absl_lines_are_the_same(mode):
    """Its findCaller skips frames by file name, from a fixed frame upwards."""
    same(
        "absl_logging", mode=mode, shows=("from the wrapper", "verbose 1", "by hand 3")
    )
