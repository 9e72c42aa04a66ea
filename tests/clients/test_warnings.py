"""`logging.captureWarnings` and the warnings module."""

import pytest

from clients.compare import same
from harness import MODES


@pytest.mark.parametrize("mode", MODES)
def test_captured_warnings_are_the_same(mode):
    """`warnings.showwarning` is logging's own function while capturing."""
    same(
        "warnings_capture",
        mode=mode,
        shows=("False logging", "py.warnings WARNING", "explicit"),
    )
