"""rich's RichHandler."""

import pytest

from clients.compare import same
from harness import MODES


@pytest.mark.parametrize("mode", MODES)
def test_rich_renders_the_same(mode):
    """Its handler reads the record's fields and sets `message` itself."""
    same(
        "rich_handler",
        mode=mode,
        descriptors=False,  # its handler writes through rich's console
        shows=("rich_handler.py:", "ValueError", "custom level"),
    )
