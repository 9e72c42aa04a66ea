"""python-json-logger, which ships `record.__dict__` as user data."""

import pytest

from clients.compare import same
from harness import MODES


@pytest.mark.parametrize("mode", MODES)
def test_json_lines_are_the_same(mode):
    """A key of our own in a record would show here as data of the user's."""
    same(
        "jsonlogger_formatters",
        mode=mode,
        shows=('"LEVEL": "ERROR"', '"k": [1]', '"n": 1.5'),
    )
