"""sentry-sdk's logging integration, which patches `Logger.callHandlers`."""

import pytest

from clients.compare import same
from harness import MODES


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("imported", ["early", "late"])
def test_events_breadcrumbs_and_logs_are_the_same(imported, mode):
    """Imported before or after logging is used, the SDK sees each record whole."""
    same(
        "sentry_events",
        imported,
        mode=mode,
        shows=(
            '"crumbs"',
            "LookupError",
            "patched sentry_patched",
            "payment failed for %s",
        ),
    )
