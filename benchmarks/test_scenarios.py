"""The scenarios under pytest-benchmark, one rival per session.

`pytest benchmarks --benchmark-enable --rival fastlog`, then `--rival logging`.
Without `--benchmark-enable` every loop runs once, and only what it wrote is looked at.
"""

from __future__ import annotations

import sys

import pytest

import measure
import rivals
import run
import scenarios
from scenarios import Way

#: Calls in one round; the figures of pytest-benchmark are for so many.
CALLS = 1_000


@pytest.fixture(scope="session")
def floor_library(tmp_path_factory):
    """Return the path of the extension with the empty method."""
    return measure.build_empty(tmp_path_factory.mktemp("empty"))


def reference_text(scenario):
    """Return what `logging` writes, in a process of its own."""
    answer = run.ask(
        sys.executable,
        do="measure",
        scenario=scenario.name,
        rival=scenarios.REFERENCE,
        scale=0.001,
        repeats=1,
    )
    return answer["text"]


@pytest.mark.parametrize("scenario", scenarios.SCENARIOS, ids=lambda one: one.name)
def test_scenario_writes_what_logging_writes(scenario, rival, benchmark, tmp_path):
    """A figure counts only if the same work was done, and fastlog did it natively."""
    bench = rivals.Bench(rivals.load(rival), scenario, tmp_path)
    loop = measure.make_loop(bench.statement, bench.names, scenario.function_lines)
    benchmark.group = scenario.name
    benchmark.extra_info.update(rival=rival, calls=CALLS)
    loop(range(CALLS))
    before = bench.counts()

    benchmark(loop, range(CALLS))

    after = bench.counts()
    text = bench.text(loop)
    bench.close()
    if rival == scenarios.OURS:
        assert bench.is_native()
        if scenario.way is Way.BELOW_THRESHOLD:
            assert after["originals"] == before["originals"]
        else:
            assert after[scenario.way.value] - before[scenario.way.value] >= CALLS
    if rival in (scenarios.OURS, scenarios.REFERENCE):
        assert text == reference_text(scenario)


@pytest.mark.parametrize("kind", ["empty", "empty-vectorcall"])
def test_empty_method_takes_the_same_call(kind, floor_library, benchmark):
    """The floor must be called with the scenario's own statement."""
    scenario = scenarios.BY_NAME["disabled-arguments"]
    bench = rivals.EmptyFloor(scenario, floor_library, kind)
    loop = measure.make_loop(bench.statement, bench.names)
    benchmark.group = scenario.name
    benchmark.extra_info.update(rival=kind, calls=CALLS)

    benchmark(loop, range(CALLS))

    assert bench.statement == scenario.statement
    assert bench.names["logger"].debug("any", 1, keyword=2) is None


def test_written_line_is_as_long_as_the_record(benchmark, tmp_path):
    """A floor with a shorter line would be no floor."""
    scenario = scenarios.BY_NAME["file"]
    floor = rivals.WriteFloor(scenario, tmp_path)
    loop = measure.make_loop(floor.statement, floor.names)
    benchmark.group = scenario.name
    benchmark.extra_info.update(rival="write", calls=CALLS)

    benchmark(loop, range(CALLS))

    floor.close()
    lines = rivals.normalise((tmp_path / "bench.log").read_text()).splitlines()
    assert len(lines) > CALLS
    assert set(lines) == {
        f"0000-00-00 00:00:00,000 INFO {scenarios.LOGGER}"
        f" user bob did {scenario.calls - 1} in 1.50"
    }


def test_import_of_the_rival_ends_well(rival, benchmark):
    """The process whose time is taken must have imported, not failed."""
    benchmark.group = scenarios.IMPORT.name
    benchmark.extra_info.update(rival=rival)

    assert benchmark(run.time_import, sys.executable, rival) > 0
