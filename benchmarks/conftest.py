"""One rival per session; `pythonpath` in pyproject.toml finds the modules here."""

from __future__ import annotations

import pytest

import rivals
import scenarios


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--rival`: in place, two of them in one process would be the same."""
    parser.addoption(
        "--rival",
        choices=scenarios.LIBRARIES,
        default=scenarios.OURS,
        help="library that the benchmarks measure (fastlog)",
    )


@pytest.fixture(scope="session")
def rival(request: pytest.FixtureRequest) -> str:
    """Return the session's library; skip where it is not installed."""
    name: str = request.config.getoption("--rival")
    try:
        rivals.load(name)
    except rivals.UnavailableError as error:
        pytest.skip(str(error))
    return name
