"""colorlog, whose styles format objects that are no records."""

import pytest

from clients.compare import same
from harness import MODES


@pytest.mark.parametrize("mode", MODES)
def test_coloured_lines_are_the_same(mode):
    """Its formatter hands an object with only a `__dict__` to the style."""
    same(
        "colorlog_formatters",
        mode=mode,
        shows=("\033[36mDEBUG", "debug: by level", "to the root"),
    )
