"""pytest's caplog, in real sessions of a test file."""

import pytest

from clients.compare import same
from harness import MODES


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("options", ["plain", "live", "file", "quiet"])
def test_caplog_passes_and_reports_the_same(options, mode):
    """Levels, filters, sections of failing tests and pytest's handlers must agree."""
    same("caplog_session", options, mode=mode, shows=("passed", "failed", "status 1"))
