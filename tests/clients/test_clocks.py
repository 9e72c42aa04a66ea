"""freezegun and time-machine."""

import pytest

from clients.compare import same
from harness import MODES


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("library", ["freezegun", "time-machine"])
def test_frozen_times_are_the_same(library, mode):
    """A replaced clock must be asked, and the date not come from a cache."""
    same(
        "frozen_clock",
        library,
        mode=mode,
        shows=("2031-02-03 04:05:06,78", "1999-12-31 23:59:59,999"),
    )
