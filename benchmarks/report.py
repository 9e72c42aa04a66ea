"""Results to tables: JSON of run.py and background.py in, Markdown out.

`python benchmarks/report.py` prints the newest results of every Python;
`--write FILE` puts the tables between FILE's markers; `--check` judges the targets.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import sys
from typing import Any

import background_report
import rivals
import scenarios
from scenarios import OURS, REFERENCE, AtLeast, AtMost, AtMostMore
from verdicts import Verdict, status, verdict_lines

HERE = pathlib.Path(__file__).parent
RESULTS = HERE / "results"
START, END = "<!-- benchmarks -->", "<!-- /benchmarks -->"
#: Names of the background writer's results end so.
BACKGROUND = "-background"


def rows_of(run: dict[str, Any], scenario: str) -> dict[str, dict[str, Any]]:
    """Return a scenario's rows by rival."""
    return {row["rival"]: row for row in run["rows"] if row["scenario"] == scenario}


def judge(run: dict[str, Any]) -> list[Verdict]:
    """Return the verdict on every target of the scenarios that the run has."""
    verdicts = []
    for name, scenario in scenarios.BY_NAME.items():
        rows = rows_of(run, name)
        if rows:
            verdicts += [judge_target(run, name, t, rows) for t in scenario.targets]
    return verdicts


def judge_target(
    run: dict[str, Any],
    name: str,
    target: scenarios.Target,
    rows: dict[str, dict[str, Any]],
) -> Verdict:
    """Compare minima; a row that is absent or invalid meets nothing."""
    other = target.rival
    match target:
        case AtLeast(times):
            promised = f"at least {times:g} times as fast as {other}"
        case AtMost(times):
            promised = f"at most {times:g} times the cost of {other}"
        case AtMostMore(more_ms):
            promised = f"at most {more_ms:g} ms more than {other}"
    python = run["python"]
    for rival in (OURS, other):
        row = rows.get(rival)
        if row is None or "min" not in row:
            why = (row or {}).get("why") or "not measured"
            return Verdict(python, name, promised, f"{rival}: {why}", None)
        if not row["valid"]:
            return Verdict(python, name, promised, f"{rival}: {row['why']}", False)
    ours, theirs = rows[OURS]["min"], rows[other]["min"]
    match target:
        case AtLeast(times):
            reached, met = f"{theirs / ours:.2f} times", theirs / ours >= times
        case AtMost(times):
            reached, met = f"{ours / theirs:.2f} times", ours / theirs <= times
        case AtMostMore(more_ms):
            reached, met = f"{ours - theirs:.1f} ms", ours - theirs <= more_ms
    unit = rows[OURS]["unit"]
    detail = f"{reached} ({OURS} {ours:.4g} {unit}, {other} {theirs:.4g} {unit})"
    return Verdict(python, name, promised, detail, met)


def amount(value: float, unit: str) -> str:
    """Return a figure with as many digits as it deserves."""
    return f"{value:,.1f} {unit}" if value < 100 else f"{value:,.0f} {unit}"


def against(row: dict[str, Any], reference: dict[str, Any] | None) -> str:
    """Return how a row compares with the reference's, in words for a cell."""
    if not reference or row is reference or "min" not in row or "min" not in reference:
        return ""
    if row["unit"] == "ms":
        return f"{row['min'] - reference['min']:+.1f} ms"
    ratio = reference["min"] / max(row["min"], 1e-9)
    return f"{ratio:.2f} times" if ratio < 10 else f"{ratio:.1f} times"


def note(row: dict[str, Any]) -> str:
    """Return what a reader must know before believing a row."""
    return "" if row["valid"] else f"invalid: {row['why']}".replace("|", "\\|")


def full_table(run: dict[str, Any]) -> str:
    """Return every row of one run, those we lose too."""
    lines = [
        *heading(run),
        "",
        "| Scenario | Rival | Minimum | Median | p50, p99 of single calls |"
        " As fast as `logging` | Note |",
        "| --- | --- | ---: | ---: | ---: | ---: | --- |",
    ]
    for name, scenario in scenarios.BY_NAME.items():
        rows = rows_of(run, name)
        says = scenario.says
        for rival, row in rows.items():
            words = rivals.FLOORS.get(rival, rival)
            if "min" not in row:
                lines.append(f"| {says} | {words} | | | | | {note(row)} |")
                continue
            single = f"{row['p50']:,.0f}, {row['p99']:,.0f} ns" if "p50" in row else ""
            cells = [
                says,
                words,
                amount(row["min"], row["unit"]),
                amount(row["median"], row["unit"]),
                single,
                against(row, rows.get(REFERENCE)),
                note(row),
            ]
            lines.append(f"| {' | '.join(cells)} |")
            says = ""
    return "\n".join(lines)


def heading(run: dict[str, Any]) -> list[str]:
    """Return where, when and with what a run was made."""
    box = run["machine"]
    packages = [f"{k} {v}" for k, v in run["packages"].items() if v and k != REFERENCE]
    lines = [
        f"Python {run['python']}, {', '.join(packages) or 'no other library'};"
        f" {box['cpu']}, {box['cores']} cores, {box['kernel']}, files on"
        f" {box['file_system']}; {run['date']}; {run['processes']} processes of"
        f" {run['repeats']} repeats each.",
    ]
    if run["absent"]:
        lines.append(f"Not installed here: {', '.join(run['absent'])}.")
    return lines


def summary_table(runs: list[dict[str, Any]]) -> str:
    """Return fastlog against `logging`, one column per Python."""
    columns = [f"Python {run['python'].rpartition('.')[0]}" for run in runs]
    lines = [
        f"| Scenario | {' | '.join(columns)} |",
        f"| --- |{' ---: |' * len(columns)}",
    ]
    for name, scenario in scenarios.BY_NAME.items():
        cells = [summary_cell(rows_of(run, name)) for run in runs]
        lines.append(f"| {scenario.says} | {' | '.join(cells)} |")
    return "\n".join(lines)


def summary_cell(rows: dict[str, dict[str, Any]]) -> str:
    """Return `logging → fastlog, ratio`, or why there is no such figure."""
    ours, theirs = rows.get(OURS), rows.get(REFERENCE)
    if not ours or not theirs or "min" not in ours or "min" not in theirs:
        return "not measured"
    if not ours["valid"] or not theirs["valid"]:
        return "invalid"
    before = amount(theirs["min"], theirs["unit"]).rpartition(" ")[0]
    after = amount(ours["min"], ours["unit"])
    return f"{before} → {after}, **{against(ours, theirs)}**"


def newest(folder: pathlib.Path, ending: str = "") -> list[pathlib.Path]:
    """Return the newest whole result of every Python, oldest Python first.

    With *ending*, of those whose name has it behind the version.
    """
    found: dict[tuple[int, ...], pathlib.Path] = {}
    for path in sorted(folder.glob("????-??-??-*.json")):
        python, dash, kind = path.stem[11:].partition("-")
        if dash + kind == ending:
            version = python.split(".")
            found[tuple(int(part) for part in version[:2])] = path
    return [found[key] for key in sorted(found)]


def put_between_markers(
    text: str, tables: str, name: str, markers: tuple[str, str] = (START, END)
) -> str:
    """Return *text* with *tables* between its two marker lines.

    Raises:
        SystemExit: The file has no such lines.
    """
    before, start, rest = text.partition(markers[0])
    _, end, after = rest.partition(markers[1])
    if not start or not end:
        raise SystemExit(f"{name} has no lines {' and '.join(markers)}: add them")
    return f"{before}{start}\n\n{tables}\n\n{end}{after}"


def is_background(run: dict[str, Any]) -> bool:
    """Return whether a result is background.py's."""
    return run.get("of") == "background"


def main(arguments: list[str]) -> int:
    """Print or write the tables; with --check judge the targets instead."""
    parser = argparse.ArgumentParser(prog="report.py")
    parser.add_argument("files", nargs="*", type=pathlib.Path, help="results/*.json")
    parser.add_argument(
        "--table", choices=("summary", "full", "all"), default="all", help="(all)"
    )
    parser.add_argument("--write", type=pathlib.Path, metavar="FILE")
    parser.add_argument("--check", action="store_true", help="judge the targets")
    options = parser.parse_args(arguments)
    paths = options.files or [*newest(RESULTS), *newest(RESULTS, BACKGROUND)]
    if not paths:
        parser.error(f"no results in {RESULTS.name}/: run benchmarks/run.py first")
    everything = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    runs = [run for run in everything if not is_background(run)]
    writers = [run for run in everything if is_background(run)]
    if options.check:
        verdicts = [verdict for run in runs for verdict in judge(run)]
        verdicts += [v for run in writers for v in background_report.judge(run)]
        print(verdict_lines(verdicts))
        return status(verdicts)
    tables: dict[tuple[str, str], str] = {}
    if runs:
        parts = [] if options.table == "full" else [summary_table(runs)]
        if options.table != "summary":
            parts += [full_table(run) for run in runs]
        tables[START, END] = "\n\n".join(parts)
    if writers:
        whole = options.table != "summary"
        found = background_report.tables(writers, whole=whole)
        tables[background_report.START, background_report.END] = found
    if options.write is None:
        print("\n\n".join(tables.values()))
        return 0
    text = options.write.read_text(encoding="utf-8")
    for markers, table in tables.items():
        text = put_between_markers(text, table, options.write.name, markers)
    options.write.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
