"""What every test starts from: fastlog as nobody has steered it."""

import pytest


@pytest.fixture(autouse=True)
def unsteered(monkeypatch):
    """Take away the variable by which a user turns fastlog off."""
    monkeypatch.delenv("FASTLOG_DISABLE", raising=False)
