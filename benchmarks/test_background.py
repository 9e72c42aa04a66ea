"""The background writer's measurements, tiny: what they write, and who is believed."""

from __future__ import annotations

import datetime
import itertools
import json
import pathlib
import subprocess
import sys
import time

import pytest

import background
import background_report
import background_scenarios
import background_ways
import report
import run
from background_scenarios import BY_NAME, OURS, SCENARIOS, AtLeast, AtMost, Times

PROGRAM = pathlib.Path(background.__file__)
SCALE = 0.002
PAIRS = [
    pytest.param(scenario, way, id=f"{scenario.name}-{way}")
    for scenario in SCENARIOS
    for way in scenario.ways
]


def ask(scenario, way, folder):
    """Measure one way, tiny, in a process of its own; skip what is not installed."""
    answer = run.ask(
        sys.executable,
        background.SCRIPT,
        scenario=scenario.name,
        way=way,
        folder=str(folder),
        **background.sizes_of(scenario, way, SCALE),
    )
    if "unavailable" in answer:
        assert way.startswith("picologging"), answer
        pytest.skip(answer["unavailable"])
    return answer


@pytest.mark.parametrize(("scenario", "way"), PAIRS)
def test_scenario_answers_with_its_figures_and_every_line_is_right(
    scenario, way, tmp_path
):
    """A figure counts only if all lines are there, in order and as `logging`'s."""
    answer = ask(scenario, way, tmp_path)

    optional = {"writer_ns"} if way in {"logging", "picologging", "fastlog"} else set()
    assert {figure.name for figure in scenario.figures} - answer.keys() <= optional
    if way.startswith("picologging"):
        assert answer["lines"] > 0  # its dates are rubbish, so no line is right
    elif way != "nothing" and scenario.checks_text:
        assert answer["why"] is None
        assert answer["lines"] > 0
        assert len(answer["sha256"]) == 64
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["bursts", "throughput", "memory"])
def test_background_handler_leaves_the_digest_of_logging(name, tmp_path):
    """The same calls, the same text behind the dates."""
    scenario = BY_NAME[name]
    sizes = background.sizes_of(scenario, "logging", SCALE)

    found = [
        run.ask(
            sys.executable,
            background.SCRIPT,
            scenario=name,
            way=way,
            folder=str(tmp_path),
            **sizes,
        )
        for way in ("logging", OURS)
    ]

    assert found[0]["lines"] == found[1]["lines"] > 0
    assert found[0]["sha256"] == found[1]["sha256"]


def write_lines(path, texts, *, step_ms=1, start=None):
    """Write lines with dates as `logging` does."""
    at = start or datetime.datetime.now()
    with path.open("w") as out:
        for text in texts:
            stamp = at.strftime("%Y-%m-%d %H:%M:%S,") + f"{at.microsecond // 1000:03}"
            out.write(f"{stamp} {text}\n")
            at += datetime.timedelta(milliseconds=step_ms)


def wrong(path, *authors):
    """Return what `why_wrong` says of *path*, for ten lines of each author."""
    expected = {who: iter(lines_of(who)) for who in authors}
    now = time.time()
    return background_ways.why_wrong(path, expected, now - 5, now + 5)


def lines_of(who):
    """Return ten lines of one author."""
    return [background_scenarios.LINE.format(who=who, i=i) for i in range(10)]


def test_file_with_every_line_is_right(tmp_path):
    """The other tests mean something only if a good file passes."""
    path = tmp_path / "log"
    write_lines(path, lines_of("bob"))

    assert wrong(path, "bob")[0] is None


def test_lines_of_several_threads_may_alternate(tmp_path):
    """But each thread's own stay in order."""
    path = tmp_path / "log"
    write_lines(path, itertools.chain(*zip(lines_of("a"), lines_of("b"), strict=True)))

    assert wrong(path, "a", "b")[0] is None


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda lines: lines[:-1], "after 9 lines bob lacks"),
        (lambda lines: [*lines, lines[-1]], "line 11 is"),
        (lambda lines: [*lines[:3], *lines[4:]], "line 4 is"),
        (lambda lines: [lines[1], lines[0], *lines[2:]], "line 1 is"),
        (lambda lines: [*lines[:9], lines[9] + "0"], "line 10 is"),
    ],
)
def test_lost_doubled_swapped_or_changed_line_is_seen(spoil, says, tmp_path):
    """Line by line, not only their number."""
    path = tmp_path / "log"
    write_lines(path, spoil(lines_of("bob")))

    assert wrong(path, "bob")[0].startswith(says)


def test_date_that_goes_back_or_lies_outside_is_seen(tmp_path):
    """A writer that takes its own time instead of the call's would show here."""
    path = tmp_path / "log"
    write_lines(path, lines_of("bob"), step_ms=-1)
    assert "goes back from" in wrong(path, "bob")[0]

    write_lines(path, lines_of("bob"), start=datetime.datetime(2001, 1, 1))
    assert "is not between" in wrong(path, "bob")[0]

    path.write_text("".join(f"2026-13-01 00:00:00,000 {x}\n" for x in lines_of("bob")))
    assert "line 1" in wrong(path, "bob")[0]


def row(scenario, way, *processes, errors=()):
    """Return a finished row."""
    found = {
        "scenario": scenario,
        "way": way,
        "processes": [{"why": None, **one} for one in processes],
        "errors": list(errors),
    }
    background.judge_row(found, BY_NAME[scenario])
    background.summarise(found, BY_NAME[scenario])
    return found


def judged(scenario, *rows):
    """Return whether each limit of a scenario was met."""
    finished = {"python": "3.11.7", "rows": list(rows)}
    return [verdict.met for verdict in background_report.judge(finished)]


def test_limits_are_met_up_to_their_own_figure():
    """By the best process: other programs only ever add."""
    ours = row("bursts", OURS, *({"median_ns": ns} for ns in (900, 100, 200)))
    queue = row("bursts", "queue", {"median_ns": 9_000}, {"median_ns": 8_000})

    found = ours["best"], ours["median"], ours["worst"]
    assert [one["median_ns"] for one in found] == [100, 200, 900]
    assert judged("bursts", ours, queue) == [True, True]
    slow = row("bursts", OURS, {"median_ns": 150.1})
    assert judged("bursts", slow, queue) == [False, False]


def test_memory_is_judged_by_the_worst_process():
    """No other program takes a page of ours."""
    ours = row("memory", OURS, {"beside_ring_mib": 1}, {"beside_ring_mib": 4.1})

    assert judged("memory", ours) == [False]
    assert judged("memory", row("memory", OURS, {"beside_ring_mib": 4})) == [True]


def test_more_lines_a_second_are_better():
    """The best process is the one with the highest rate."""
    figures = {"lines_per_s": 2e6, "writer_ns": 250}
    ours = row("throughput", OURS, figures, figures | {"lines_per_s": 4e6})

    assert ours["best"]["lines_per_s"] == 4e6
    assert judged("throughput", ours) == [True, True]


def test_row_with_a_wrong_line_or_a_failed_process_meets_nothing():
    """One wrong line among millions is enough."""
    queue = row("bursts", "queue", {"median_ns": 8_000})
    lost = row("bursts", OURS, {"median_ns": 1, "why": "line 7 is lost"})
    assert judged("bursts", lost, queue) == [False, False]

    crashed = row("bursts", OURS, {"median_ns": 1}, errors=["Segmentation fault"])
    assert judged("bursts", crashed, queue) == [False, False]
    assert judged("bursts", queue) == [None, None]


def test_every_limit_names_a_figure_and_a_way_of_its_scenario():
    """A limit that nothing can meet or miss is no promise."""
    for scenario in SCENARIOS:
        assert scenario.limits
        names = {figure.name for figure in scenario.figures}
        for limit in scenario.limits:
            assert limit.figure in names
            assert isinstance(limit, AtMost | AtLeast | Times)
            if isinstance(limit, Times):
                assert limit.against in scenario.ways
        assert OURS in scenario.ways
        assert set(scenario.ways) <= set(background_scenarios.WAYS)


def test_newest_results_of_the_two_programs_are_not_mixed_up(tmp_path):
    """They lie in one folder."""
    for name in ("3.11.7", "3.11.7-background", "3.11.7-background-partial"):
        (tmp_path / f"2026-11-22-{name}.json").write_text("{}")

    assert [p.stem[11:] for p in report.newest(tmp_path)] == ["3.11.7"]
    found = [p.stem[11:] for p in report.newest(tmp_path, report.BACKGROUND)]
    assert found == ["3.11.7-background"]


def test_program_writes_a_result_that_the_report_reads(tmp_path):
    """Samples, machine and versions; every row valid; tables with every way."""
    options = ["--processes", "2", "--scale", str(SCALE), "--results", str(tmp_path)]
    options += ["--ways", "logging,queue", "--only", "bursts", "--only", "idle"]
    done = subprocess.run(
        [sys.executable, str(PROGRAM), *options],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    (path,) = tmp_path.glob("*-background-partial.json")
    found = json.loads(path.read_text())
    assert {"date", "machine", "python", "packages", "rows"} <= found.keys()
    rows = {(row["scenario"], row["way"]): row for row in found["rows"]}
    assert len(rows) == 4
    assert all(row["valid"] for row in rows.values()), rows
    assert len(rows["bursts", "queue"]["processes"]) == 2
    assert len(rows["idle", "queue"]["processes"]) == 1
    table = background_report.tables([found], whole=True)
    assert background_scenarios.WAYS["queue"] in table
    assert [v.met for v in background_report.judge(found)] == [None] * 3


def test_target_that_was_not_measured_fails_the_check(tmp_path):
    """Without ours there is nothing to be proud of."""
    options = ["--processes", "1", "--scale", str(SCALE), "--results", str(tmp_path)]
    options += ["--ways", "logging", "--only", "bursts", "--check"]

    assert background.main(options) == 1


@pytest.mark.parametrize(
    "wrong", [["--only", "nonsense"], ["--ways", "loguru"], ["--python", "no-python"]]
)
def test_wrong_option_ends_with_status_2(wrong, capsys):
    """And says which one."""
    with pytest.raises(SystemExit) as caught:
        background.parse(wrong)

    assert caught.value.code == 2
    assert wrong[1] in capsys.readouterr().err


def test_library_without_the_keyword_is_told_apart_from_a_failure(tmp_path):
    """`logging` itself, in a process where it is alone, has no background handler."""
    program = """
import pathlib, sys
import background_ways, rivals
class Without(background_ways.Background):
    library = "logging"
try:
    Without(pathlib.Path(sys.argv[1]))
except rivals.UnavailableError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, *run.FLAGS, "-c", program, str(tmp_path)],
        cwd=PROGRAM.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert "background" in done.stdout, done.stderr
