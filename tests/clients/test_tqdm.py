"""tqdm.contrib.logging, which swaps handlers and streams."""

import pytest

from clients.compare import same
from harness import MODES


@pytest.mark.parametrize("mode", MODES)
def test_redirected_records_are_the_same(mode):
    """It assigns `logger.handlers` and takes over formatter and stream."""
    same(
        "tqdm_redirect",
        mode=mode,
        shows=("INFO:shop.tqdm:inside 2", "0/2", "on the root"),
    )
