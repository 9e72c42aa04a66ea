"""The background writer's results to tables, and its limits judged."""

from __future__ import annotations

from typing import Any

from background_scenarios import (
    BY_NAME,
    OURS,
    SCENARIOS,
    WAYS,
    AtLeast,
    AtMost,
    Figure,
    Limit,
    Scenario,
    Times,
)
from verdicts import Verdict

START, END = "<!-- background -->", "<!-- /background -->"

Row = dict[str, Any]
Run = dict[str, Any]


def rows_of(run: Run, scenario: str) -> dict[str, Row]:
    """Return a scenario's rows by way."""
    return {row["way"]: row for row in run["rows"] if row["scenario"] == scenario}


def figure_of(scenario: Scenario, name: str) -> Figure:
    """Return a scenario's figure by its name."""
    return next(figure for figure in scenario.figures if figure.name == name)


def amount(value: float, unit: str) -> str:
    """Return a figure with as many digits as it deserves, and in a handy unit."""
    if unit == "ns" and abs(value) >= 10_000:
        value, unit = value / 1_000, "µs"
    if unit == "lines/s" and value >= 100_000:
        return f"{value / 1e6:.2f} million lines/s"
    if not unit:
        return f"{value:,.0f}"
    if unit == "%":
        return f"{value:.3f} %"
    digits = 1 if abs(value) < 1_000 else 0
    return f"{value:,.{digits}f} {unit}"


def judge(run: Run) -> list[Verdict]:
    """Return the verdict on every limit of the scenarios that the run has."""
    verdicts = []
    for name, scenario in BY_NAME.items():
        if rows := rows_of(run, name):
            verdicts += [judge_limit(run, scenario, x, rows) for x in scenario.limits]
    return verdicts


def judge_limit(
    run: Run, scenario: Scenario, limit: Limit, rows: dict[str, Row]
) -> Verdict:
    """Compare the figures; a row that is absent or invalid meets nothing."""
    figure = figure_of(scenario, limit.figure)
    match limit:
        case AtMost(_, value):
            promised = f"{figure.says}: at most {amount(value, figure.unit)}"
        case AtLeast(_, value):
            promised = f"{figure.says}: at least {amount(value, figure.unit)}"
        case Times(_, times, against):
            promised = f"{figure.says}: {against} at least {times:g} times ours"
    needed = (OURS, limit.against) if isinstance(limit, Times) else (OURS,)
    python = run["python"]
    for way in needed:
        row = rows.get(way)
        if row is None or figure.name not in row.get("median", {}):
            why = (row or {}).get("why") or "not measured"
            return Verdict(python, scenario.name, promised, f"{way}: {why}", None)
        if not row["valid"]:
            why = f"{way}: {row['why']}"
            return Verdict(python, scenario.name, promised, why, False)
    ours = rows[OURS][figure.judged][figure.name]
    median = rows[OURS]["median"][figure.name]
    reached = f"{amount(ours, figure.unit)} (median {amount(median, figure.unit)})"
    match limit:
        case AtMost(_, value):
            met = ours <= value
        case AtLeast(_, value):
            met = ours >= value
        case Times(_, times, against):
            theirs = rows[against][figure.judged][figure.name]
            ratio = theirs / max(ours, 1e-9)
            met = ratio >= times
            words = f"{amount(theirs, figure.unit)} to {amount(ours, figure.unit)}"
            reached = f"{ratio:.1f} times ({words})"
    return Verdict(python, scenario.name, promised, reached, met)


def tables(runs: list[Run], *, whole: bool) -> str:
    """Return a summary of ours; with *whole*, also every row of every run."""
    parts = [summary(runs)]
    if whole:
        parts += [full(run) for run in runs]
    return "\n\n".join(parts)


def summary(runs: list[Run]) -> str:
    """Return every limit with what each Python reached."""
    columns = [f"Python {run['python'].rpartition('.')[0]}" for run in runs]
    lines = [
        f"| What | Promised | {' | '.join(columns)} |",
        f"| --- | --- |{' ---: |' * len(columns)}",
    ]
    judged = [{(v.scenario, v.promised): v for v in judge(run)} for run in runs]
    keys = dict.fromkeys(key for verdicts in judged for key in verdicts)
    for name, promised in keys:
        what, _, much = promised.rpartition(": ")
        cells = []
        for verdicts in judged:
            found = verdicts.get((name, promised))
            cells.append("not measured" if found is None else cell(found))
        says = f"{BY_NAME[name].says}: {what}"
        lines.append(f"| {says} | {much} | {' | '.join(cells)} |")
    return "\n".join(lines)


def cell(verdict: Verdict) -> str:
    """Return what was reached, bold where it keeps the promise."""
    short = verdict.reached.partition(" (")[0].replace("|", "\\|")
    if verdict.met is None:
        return "not measured"
    return f"**{short}**" if verdict.met else f"{short}, missed"


def full(run: Run) -> str:
    """Return every row of a run, scenario by scenario."""
    box = run["machine"]
    packages = [f"{k} {v}" for k, v in run["packages"].items() if v and k != "logging"]
    parts = [
        f"Python {run['python']}, {', '.join(packages)}; {box['cpu']}, {box['cores']}"
        f" cores, {box['kernel']}, files on {box['file_system']}; {run['date']};"
        f" up to {run['processes']} processes of each. Behind a slash is the median of"
        " all processes."
    ]
    found = ((scenario, rows_of(run, scenario.name)) for scenario in SCENARIOS)
    parts += ["\n".join(scenario_table(each, rows)) for each, rows in found if rows]
    return "\n\n".join(parts)


def scenario_table(scenario: Scenario, rows: dict[str, Row]) -> list[str]:
    """Return the lines of one scenario's table."""
    heads = [figure.says for figure in scenario.figures]
    lines = [
        f"| {scenario.says} | {' | '.join(heads)} | Note |",
        f"| --- |{' ---: |' * len(heads)} --- |",
    ]
    for way, row in rows.items():
        cells = [figures(row, figure) for figure in scenario.figures]
        note = "" if row["valid"] else f"invalid: {row['why']}".replace("|", "\\|")
        lines.append(f"| {WAYS[way]} | {' | '.join(cells)} | {note} |")
    return lines


def figures(row: Row, figure: Figure) -> str:
    """Return what is judged and the median, one number where they do not differ."""
    if figure.name not in row.get("median", {}):
        return ""
    median = amount(row["median"][figure.name], figure.unit)
    judged = amount(row[figure.judged][figure.name], figure.unit)
    return median if median == judged else f"{judged} / {median}"
