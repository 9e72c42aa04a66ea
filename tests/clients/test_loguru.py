"""loguru's recipes in both directions."""

import pytest

from clients.compare import same
from harness import MODES


@pytest.mark.parametrize("mode", MODES)
def test_intercepted_and_propagated_records_are_the_same(mode):
    """The recipe walks frames while their file is `logging.__file__`."""
    same(
        "loguru_intercept",
        mode=mode,
        shows=("__main__:log_all:", "from loguru 1", "<WARNING> a handler as a sink"),
    )
