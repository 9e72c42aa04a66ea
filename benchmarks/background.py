"""The background writer, measured beside the ways that a program has without it.

`python benchmarks/background.py --python .venv/bin/python --processes 5 --check`

Every way is measured in fresh processes of its own, in turns, as by run.py, but on all
cores: the writer is a thread. Every line of every file is looked at.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import datetime
import pathlib
import statistics
import sys
import tempfile
from typing import Any

import background_report
import run
import verdicts
from background_scenarios import BY_NAME, SCENARIOS, WAYS, Scenario

SCRIPT = "background_measure.py"
#: What --scale makes smaller; the others say what is measured, not how much of it.
SCALED = ("bursts", "lines", "calls", "seconds")

Row = dict[str, Any]


def sizes_of(scenario: Scenario, way: str, scale: float) -> dict[str, float]:
    """Return how much one process does, in whole numbers but for seconds."""
    sizes = scenario.sizes | scenario.slow.get(way, {})
    for name in SCALED:
        if name in sizes and scale != 1:
            least = 0.05 if name == "seconds" else 20
            sizes[name] = max(least, sizes[name] * scale)
    return {n: v if n == "seconds" else int(v) for n, v in sizes.items()}


class Background:
    """One interpreter's run over the chosen scenarios."""

    def __init__(self, python: str, options: argparse.Namespace) -> None:
        """Find out what the interpreter is and has."""
        self.python = python
        self.options = options
        self.about = run.ask(python, do="probe")
        self.rows: dict[tuple[str, str], Row] = {}

    def round(self, number: int) -> None:
        """Measure every scenario that still wants it, each way in turn."""
        for name in self.options.only:
            scenario = BY_NAME[name]
            if number > scenario.rounds:
                continue
            ways = [way for way in scenario.ways if way in self.options.ways]
            workers = len(ways) if scenario.at_once else 1
            with concurrent.futures.ThreadPoolExecutor(workers or 1) as pool:
                for way, answer in zip(
                    ways,
                    pool.map(lambda way, s=scenario: self.measure(s, way), ways),
                    strict=True,
                ):
                    self.take(name, way, answer)

    def measure(self, scenario: Scenario, way: str) -> dict[str, Any]:
        """Return one process's answer, or why there is none."""
        try:
            answer: dict[str, Any] = run.ask(
                self.python,
                SCRIPT,
                scenario=scenario.name,
                way=way,
                folder=self.options.folder,
                **sizes_of(scenario, way, self.options.scale),
            )
        except run.ChildError as error:
            return {"failed": str(error)}
        return answer

    def take(self, scenario: str, way: str, answer: dict[str, Any]) -> None:
        """Keep an answer."""
        new: Row = {"scenario": scenario, "way": way, "processes": [], "errors": []}
        row = self.rows.setdefault((scenario, way), new)
        if why := answer.get("failed") or answer.get("unavailable"):
            row["errors"].append(why)
        else:
            row["processes"].append(answer)

    def finish(self) -> dict[str, Any]:
        """Return the run as JSON: everything sampled, and what it comes to."""
        for (name, _), row in self.rows.items():
            judge_row(row, BY_NAME[name])
            summarise(row, BY_NAME[name])
        return {
            "of": "background",
            "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
            "commit": run.commit(),
            "machine": run.machine(self.options.folder, None),
            **self.about,
            "processes": self.options.processes,
            "scale": self.options.scale,
            "rows": list(self.rows.values()),
        }


def judge_row(row: Row, scenario: Scenario) -> None:
    """Set `valid` and, when a row must not be believed, `why`."""
    whys = [*row.pop("errors"), *(one.get("why") for one in row["processes"])]
    if not row["processes"]:
        whys.append("not measured")
    if scenario.checks_text:
        digests = {(one.get("lines"), one.get("sha256")) for one in row["processes"]}
        if scenario.name != "throughput-4" and len(digests) > 1:
            whys.append("wrote different lines in different processes")
    row["why"] = next((why for why in whys if why), None)
    row["valid"] = row["why"] is None


def summarise(row: Row, scenario: Scenario) -> None:
    """Add each figure's median, best and worst over the processes."""
    row["best"], row["median"], row["worst"] = {}, {}, {}
    for figure in scenario.figures:
        name = figure.name
        values = [one[name] for one in row["processes"] if name in one]
        if values:
            row["median"][name] = statistics.median(values)
            ranked = sorted(values, reverse=figure.more_is_better)
            row["best"][name], row["worst"][name] = ranked[0], ranked[-1]


def parse(arguments: list[str]) -> argparse.Namespace:
    """Return the options; a wrong one ends with status 2."""
    parser = argparse.ArgumentParser(
        prog="background.py", description=__doc__.splitlines()[0]
    )
    parser.add_argument(
        "--python", action="append", metavar="PATH", help="an interpreter; repeatable"
    )
    parser.add_argument("--processes", type=int, default=5, help="of each way (5)")
    parser.add_argument("--scale", type=float, default=1.0, help="of the sizes")
    parser.add_argument(
        "--only",
        action="append",
        choices=list(BY_NAME),
        metavar="SCENARIO",
        help=f"repeatable; of: {', '.join(BY_NAME)}",
    )
    parser.add_argument(
        "--ways",
        default=",".join(WAYS),
        help=f"with commas between them; of: {', '.join(WAYS)}",
    )
    parser.add_argument("--folder", default=tempfile.gettempdir(), help="for log files")
    parser.add_argument("--results", type=pathlib.Path, default=run.RESULTS)
    parser.add_argument(
        "--check", action="store_true", help="exit with 1 when a target is missed"
    )
    options = parser.parse_args(arguments)
    options.ways = options.ways.split(",")
    if unknown := set(options.ways) - set(WAYS):
        parser.error(f"unknown way {', '.join(sorted(unknown))}")
    options.whole = options.only is None and options.scale == 1
    options.whole &= set(options.ways) == set(WAYS)
    options.only = options.only or [scenario.name for scenario in SCENARIOS]
    names = options.python or [sys.executable]
    options.python = [run.find(parser, name) for name in names]
    return options


def main(arguments: list[str]) -> int:
    """Measure, save, print the tables and the verdicts; --check tells the status."""
    options = parse(arguments)
    runs = []
    for python in options.python:
        try:
            measured = Background(python, options)
        except run.ChildError as error:
            print(f"background.py: {python}: {error}", file=sys.stderr)
            return 2
        print(f"Python {measured.about['python']}", file=sys.stderr)
        for number in range(1, options.processes + 1):
            print(f"  round {number} of {options.processes}", file=sys.stderr)
            measured.round(number)
        runs.append(measured.finish())
        run.save(runs[-1], options, "-background")
    print(background_report.tables(runs, whole=True))
    found = [v for one in runs for v in background_report.judge(one)]
    print(verdicts.verdict_lines(found))
    return verdicts.status(found) if options.check else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
