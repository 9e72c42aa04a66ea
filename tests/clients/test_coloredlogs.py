"""coloredlogs, which changes handlers, filters and caches directly."""

import pytest

from clients.compare import same
from harness import MODES


@pytest.mark.parametrize("mode", MODES)
def test_installed_handlers_write_the_same(mode):
    """Its demo gives an empty object the class of a record."""
    same(
        "coloredlogs_install",
        mode=mode,
        shows=(
            "DATE.007|made up True",
            "after the cache was cleared",
            "app[] {INFO} no colours 2",
        ),
    )
