"""The tool behind the figures: rows that must not be believed are marked so."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys

import pytest

import measure
import report
import run
import scenarios
from scenarios import BY_NAME, Way

RUN = pathlib.Path(run.__file__)


def process(text="a\nb\n", *, native=True, loop_ns=5_000, empty_ns=1_000, **counted):
    """Return one process's samples, as measure.py reports them."""
    return {
        "calls": 10,
        "loop_ns": [loop_ns, loop_ns + 100],
        "empty_ns": [empty_ns, empty_ns + 100],
        "single_ns": {"p50": 1.0, "p99": 2.0},
        "text": text,
        "native": native,
        "counted": {"calls": 20, "records": 0, "originals": 0, **counted},
    }


def judged(scenario, *processes, rival="fastlog", expected=("a\nb\n",)):
    """Return a row after judge_row."""
    row = {"scenario": scenario, "rival": rival, "processes": list(processes)}
    run.judge_row(row, BY_NAME[scenario], set(expected))
    return row


def finished(ours, theirs, *, scenario="null", unit="ns", valid=True):
    """Return a run with one row for fastlog and one for each other rival."""
    rows = [
        {
            "scenario": scenario,
            "rival": name,
            "min": value,
            "median": value,
            "unit": unit,
            "valid": valid,
            "why": None if valid else "writes other bytes",
        }
        for name, value in (("fastlog", ours), *theirs.items())
    ]
    return {"python": "3.11.7", "rows": rows}


def test_row_with_the_same_bytes_and_counters_is_valid():
    """The other tests mean something only if a good row passes."""
    row = judged("null", process(), process())

    assert row["valid"]
    assert row["why"] is None


def test_row_with_other_bytes_is_invalid_and_shows_the_first_of_them():
    """A faster library that writes something else has not done the work."""
    row = judged("null", process(), process("a\nc\n"))

    assert not row["valid"]
    assert row["why"] == "writes other bytes: 'c' for 'b'"


def test_row_is_invalid_when_the_reference_disagrees_with_itself():
    """Without one expected text there is nothing to compare with."""
    assert not judged("null", process(), expected=("a\nb\n", "a\nc\n"))["valid"]


def test_row_is_invalid_when_the_native_counter_moved_too_little():
    """A LogRecord made for nobody is the Python way, whatever it cost."""
    row = judged("null", process(calls=19, records=1))

    assert row["why"] == "counter 'calls' moved 19 of 20 calls"


def test_row_of_disabled_calls_is_invalid_when_an_original_was_called():
    """Nothing is counted below the threshold but calls handed back."""
    row = judged("disabled", process(originals=3))

    assert row["why"] == "3 of 20 calls took the Python way"


def test_row_is_invalid_when_the_methods_are_not_in_place():
    """FASTLOG_DISABLE or an uninstall() would measure `logging` twice."""
    assert not judged("disabled", process(native=False))["valid"]


def test_cost_of_a_call_is_without_the_empty_loop():
    """Minima over all processes, so that one slow empty loop is no gain."""
    slow = process(loop_ns=7_000, empty_ns=4_000)
    row = {"processes": [process(loop_ns=5_000), slow, process(loop_ns=5_500)]}

    run.summarise(row, BY_NAME["null"])

    assert row["min"] == (5_000 - 1_000) / 10
    assert row["median"] == (5_000 - 1_000) / 10


@pytest.mark.parametrize(
    ("scenario", "unit", "ours", "theirs", "met"),
    [
        ("null", "ns", 100, {"logging": 2_000}, [True]),
        ("null", "ns", 100, {"logging": 1_999}, [False]),
        ("disabled", "ns", 14, {"empty": 10, "logging": 70}, [True, True]),
        ("disabled", "ns", 14.1, {"empty": 10, "logging": 70}, [False, False]),
        ("import", "ms", 35, {"logging": 20}, [True]),
        ("import", "ms", 35.1, {"logging": 20}, [False]),
    ],
)
def test_target_is_met_up_to_its_own_figure(scenario, unit, ours, theirs, met):
    """A limit belongs to what it promises; a hair beyond it is missed."""
    finished_run = finished(ours, theirs, scenario=scenario, unit=unit)

    assert [verdict.met for verdict in report.judge(finished_run)] == met


def test_target_is_not_met_by_an_invalid_row():
    """However fast it is."""
    verdicts = report.judge(finished(1, {"logging": 10**6}, valid=False))

    assert [verdict.met for verdict in verdicts] == [False]
    assert report.status(verdicts) == 1


def test_target_that_was_not_measured_fails_the_check():
    """A rival that is absent must not look like a promise kept."""
    verdicts = report.judge(finished(1, {}))

    assert [verdict.met for verdict in verdicts] == [None]
    assert report.status(verdicts) == 1


def test_tables_replace_what_is_between_the_markers():
    """A page keeps its words; only the figures change."""
    page = f"before\n{report.START}\nold\n{report.END}\nafter\n"

    once = report.put_between_markers(page, "new", "page")

    assert once == f"before\n{report.START}\n\nnew\n\n{report.END}\nafter\n"
    assert report.put_between_markers(once, "new", "page") == once


def test_function_around_the_loop_has_as_many_lines_as_asked():
    """The line table is what makes a caller's line expensive to find."""
    loop = measure.make_loop("pass", {}, lines=400)

    lines = {line for _, _, line in loop.__code__.co_lines() if line is not None}
    assert loop.__code__.co_firstlineno == 1
    assert max(lines) == 400
    assert len(lines) > 390


def test_run_writes_samples_machine_and_versions(tmp_path):
    """A figure without its machine, date and samples is no result."""
    options = ["--processes", "1", "--scale", "0.01", "--rivals", "logging"]
    options += ["--only", "stringio-message", "--only", "disabled"]
    options += ["--cpu", "any", "--repeats", "3", "--results", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, str(RUN), *options],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    (path,) = tmp_path.glob("*.json")
    assert path.stem.endswith("-partial")
    found = json.loads(path.read_text())
    assert {"date", "machine", "python", "packages", "rows"} <= found.keys()
    rows = {(row["scenario"], row["rival"]): row for row in found["rows"]}
    assert set(rows) == {
        ("stringio-message", "logging"),
        ("disabled", "logging"),
        ("disabled", "empty"),
        ("disabled", "empty-vectorcall"),
    }
    assert all(row["valid"] for row in rows.values())
    assert rows["disabled", "logging"]["text"]["last"] == "'above the threshold'"
    assert len(rows["disabled", "logging"]["processes"][0]["loop_ns"]) == 3


@pytest.mark.parametrize(
    "wrong",
    [["--only", "nonsense"], ["--rivals", "loguru"], ["--python", "no-such-python"]],
)
def test_wrong_option_ends_with_status_2(wrong, capsys):
    """And says which one."""
    with pytest.raises(SystemExit) as caught:
        run.parse(wrong)

    assert caught.value.code == 2
    assert wrong[1] in capsys.readouterr().err


def test_every_scenario_of_the_tables_has_a_counter_to_prove_its_way():
    """Only calls below the threshold have none: they make nothing to count."""
    without = [s.name for s in scenarios.SCENARIOS if s.way is Way.BELOW_THRESHOLD]

    assert without == ["disabled", "disabled-arguments"]
    assert all(name.startswith("disabled") for name in without)
