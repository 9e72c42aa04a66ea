"""OpenTelemetry's logging handlers and its record factory."""

import pytest

from clients.compare import same
from harness import MODES


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("whose", ["sdk", "contrib"])
def test_exported_records_are_the_same(whose, mode):
    """The handlers ship every attribute that is not the standard library's."""
    same(
        "opentelemetry_handler",
        whose,
        mode=mode,
        shows=(
            "SeverityNumber.WARN4",
            "'order', 5",
            "exception.type",
            "code.line.number",
        ),
    )


@pytest.mark.parametrize("mode", MODES)
def test_the_instrumentor_wraps_the_record_factory(mode):
    """A factory set over ours adds fields, and can be taken away again."""
    same(
        "opentelemetry_instrumentor",
        mode=mode,
        shows=(
            "00000000000000000000000000000001/0000000000000002",
            "hooked",
            "after 2",
        ),
    )
