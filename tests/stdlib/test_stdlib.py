"""No test of CPython's own suite that passes on `logging` fails on fastlog."""

import pytest

from stdlib import suite

pytestmark = [
    pytest.mark.timeout(1200),
    pytest.mark.skipif(bool(suite.missing()), reason=suite.missing() or ""),
]


@pytest.fixture(scope="module")
def plain():
    """Run the suite on the interpreter's own `logging`, as the reference."""
    report = suite.run("logging")
    assert len(report.named("passed")) > 200, str(report)
    return report


@pytest.mark.parametrize("candidate", suite.CANDIDATES)
def test_what_passes_on_logging_passes_on_fastlog(plain, candidate):
    """The measure of "it is `logging`": the standard library's tests, unchanged."""
    report = suite.run(candidate)

    lost = plain.named("passed") - report.named("passed")
    excepted = set(suite.exceptions(candidate))
    assert not lost - excepted, "\n".join(
        f"{report.verdicts[test]}: {test}\n{report.details[test]}"
        for test in sorted(lost - excepted)
    )
    assert excepted <= report.named("failed"), "an exception that is not needed"
    # Its loggers make some 640 records; makeLogRecord makes the 3,500 others.
    assert report.counts["calls"] + report.counts["records"] > 500
    assert report.counts["formats"] > 2500
