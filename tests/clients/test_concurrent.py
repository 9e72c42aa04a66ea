"""Executors, asyncio in debug mode, and worker processes."""

import pytest

from clients.compare import same
from harness import MODES


@pytest.mark.parametrize("mode", MODES)
def test_executors_log_the_same(mode):
    """Worker threads log, and concurrent.futures reports a failing callback."""
    same(
        "concurrent_logging", mode=mode, shows=("exception calling callback", "500 500")
    )


@pytest.mark.parametrize("mode", MODES)
def test_asyncio_debug_mode_logs_the_same(mode):
    """Asyncio logs slow callbacks and lost exceptions with exc_info of its own."""
    same(
        "asyncio_debug",
        mode=mode,
        shows=("never retrieved", "Executing <", "asked for"),
    )


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_worker_processes_log_the_same_through_a_queue(method, mode):
    """Forked and spawned children log natively too: else they exit with status 9."""
    same(
        "multiprocessing_queue",
        method,
        mode=mode,
        shows=("exit 0", "P2 ERROR worker worker 2 failed", "in the parent again"),
    )
