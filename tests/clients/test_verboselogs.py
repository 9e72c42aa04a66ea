"""verboselogs, whose new levels call `self._log`."""

import pytest

from clients.compare import same
from harness import MODES


@pytest.mark.parametrize("mode", MODES)
def test_new_levels_log_the_same(mode):
    """A replaced `_log` of one instance must be called by the old levels too."""
    same(
        "verboselogs_levels",
        mode=mode,
        shows=("NOTICE after notice", "taken %s", "an older logger"),
    )
