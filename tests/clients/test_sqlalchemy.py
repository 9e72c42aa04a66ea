"""SQLAlchemy's echo."""

import pytest

from clients.compare import same
from harness import MODES


@pytest.mark.parametrize("mode", MODES)
def test_echoed_statements_are_the_same(mode):
    """Its InstanceLogger calls `logger._log`, and reads `manager.disable`."""
    same(
        "sqlalchemy_echo",
        mode=mode,
        shows=("cached since Ns", "Engine.name2", "still here"),
    )
