"""QueueHandler and QueueListener, by hand and by dictConfig."""

import pytest

from clients.compare import same
from harness import MODES


@pytest.mark.parametrize("mode", MODES)
def test_records_through_a_queue_are_the_same(mode):
    """prepare() copies the record and merges its arguments; both sides are shown."""
    same(
        "queue_listener",
        mode=mode,
        shows=(
            "formatted before it is queued",
            "t2 INFO plain",
            "configured/INFO/plain",
        ),
    )
