"""What every test starts from: fastlog as nobody has steered it."""

import signal

import pytest


def pytest_configure():
    """Undo an ignored SIGINT, which a shell's background jobs hand to all children."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def unsteered(monkeypatch):
    """Take away the variable by which a user turns fastlog off."""
    monkeypatch.delenv("FASTLOG_DISABLE", raising=False)
