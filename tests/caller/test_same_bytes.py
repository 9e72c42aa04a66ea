"""Random programs log; bytes, errors and reports equal those of plain `logging`.

`FASTLOG_EXAMPLES` sets how many examples each mode gets: 300, or 2,000 with CI set.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, given, settings, strategies as st

import harness
from caller import pair, steps

EXAMPLES = int(
    os.environ.get("FASTLOG_EXAMPLES", "2000" if "CI" in os.environ else "300")
)
#: How the examples are shared out (the shares sum to one), and which part of each
#: share must take the native way: most odd formats, patches and errors must not.
SHARES = {
    "messages": 0.25,
    "formats": 0.2,
    "calls": 0.15,
    "trees": 0.1,
    "direct": 0.1,
    "files": 0.2,
}
NATIVE = {
    "messages": 0.9,
    "formats": 0.9,
    "calls": 0.4,
    "trees": 0.3,
    "direct": 0.2,
    "files": 0.4,
}
#: The share that the background writer must have written something of: half of the
#: handlers, or more, have no file descriptor, or are told to write by themselves.
BEHIND = {
    "messages": 0.05,
    "formats": 0.05,
    "calls": 0.01,
    "trees": 0.01,
    "direct": 0.01,
    "files": 0.2,
}

COUNTED = {
    "messages": ("calls", "records", "formats", "writes"),
    "formats": ("calls", "records", "formats", "writes"),
    "calls": ("records",),
    "trees": ("records",),
    "direct": ("records",),
    "files": ("records", "formats"),
}
#: The same in mode `background`; the other parts are mostly not to be pushed.
COUNTED_BEHIND = {"messages": ("pushes", "lines"), "files": ("pushes", "lines")}


def share(name: str) -> settings:
    """Return settings with this test's share of the examples."""
    return settings(
        max_examples=max(150, int(EXAMPLES * SHARES[name])),
        deadline=None,
        database=None,
        print_blob=False,
        phases=[Phase.generate, Phase.shrink],
        verbosity=Verbosity.quiet,  # the assertion itself prints the case, as JSON
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture(params=harness.MODES, scope="module")
def both(request: pytest.FixtureRequest) -> Iterator[pair.Pair]:
    """Start a reference and a child in one of the modes."""
    made = pair.Pair(request.param)
    yield made
    made.close()


def assert_native(both: pair.Pair, before: tuple[int, int], at_least: float) -> None:
    """Assert that the cases since *before* took the native way often enough."""
    cases, native = both.cases - before[0], both.native - before[1]
    assert native >= at_least * cases, f"only {native} of {cases} cases went native"


@pytest.mark.parametrize("part", SHARES)
@pytest.mark.timeout(36_000)
@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")
def test_a_random_program_leaves_what_it_leaves_on_logging(
    both: pair.Pair, part: str
) -> None:
    """Whatever is logged, however: same bytes, same errors, same reports."""
    before = both.cases, both.native

    @share(part)
    @given(st.shared(steps.CASES[part], key="case"))
    def run(case: object) -> None:
        both.check(case)

    run()

    behind = both.mode == harness.BACKGROUND
    assert_native(both, before, at_least=(BEHIND if behind else NATIVE)[part])
    counted = COUNTED_BEHIND.get(part, ("lines",)) if behind else COUNTED[part]
    assert all(both.counts()[name] > 0 for name in counted)


def test_the_children_notice_a_difference() -> None:
    """A comparison that cannot fail proves nothing: a changed case must differ."""
    case = {
        "handlers": [{"kind": ["stream", ["plain", "string"]]}],
        "loggers": [{"name": "a", "handlers": [0]}],
        "ops": [["call", ["logger", 0], "error", ["x %d", 1], [], {}]],
    }
    other = {**case, "ops": [["call", ["logger", 0], "error", ["x %d", 2], [], {}]]}
    made = pair.Pair(harness.REFERENCE)

    theirs, same = made.answers(case)
    _, changed = made.answers(other)
    made.close()

    assert theirs == same
    assert "x 1" in theirs
    assert changed != theirs
