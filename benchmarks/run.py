"""Scenarios to results/*.json.

`python benchmarks/run.py --python python3.11 --python .venv/bin/python --processes 7`

Each interpreter has fastlog installed, and picologging where it exists. Every rival is
measured in fresh processes of its own, in turns: logging, picologging, fastlog, logging
and so on, so that a slow minute of the machine meets all of them.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any

import report
import scenarios
from scenarios import IMPORT, OURS, REFERENCE, Scenario, Way

HERE = pathlib.Path(__file__).parent
RESULTS = HERE / "results"
TIMEOUT_S = 300
#: Fresh interpreters per round of the import scenario.
IMPORTS = 5
#: `-s -E`: no user site, no PYTHON* variables.
FLAGS = ("-s", "-E")
#: A list of numbers, which is kept on one line.
SAMPLES = re.compile(r"\[[\s\d.,]+\]")


class ChildError(Exception):
    """A measuring process ended badly; the text is its last line."""


def clean_environment() -> dict[str, str]:
    """Return the environment without what would change the libraries' ways."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "FASTLOG"))
    }


def ask(python: str, script: str = "measure.py", /, **request: Any) -> Any:
    """Start a script of this folder in a fresh process and return its answer.

    Raises:
        ChildError: The process failed or took longer than TIMEOUT_S.
    """
    command = [python, *FLAGS, str(HERE / script), json.dumps(request)]
    try:
        done = subprocess.run(
            command,
            env=clean_environment(),
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ChildError(f"took longer than {TIMEOUT_S} s") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"status {done.returncode}"]
        raise ChildError(lines[-1])
    return json.loads(done.stdout)


def filesystem(folder: str) -> str:
    """Return the type of the file system that holds *folder*, or `unknown`."""
    try:
        mounts = pathlib.Path("/proc/mounts").read_text().splitlines()
    except OSError:
        return "unknown"
    path = pathlib.Path(folder).resolve()
    best = max(
        (fields for fields in map(str.split, mounts) if path.is_relative_to(fields[1])),
        key=lambda fields: len(fields[1]),
        default=("", "", "unknown"),
    )
    return best[2]


def machine(folder: str, cpu: int | None) -> dict[str, Any]:
    """Return what a reader must know about the machine, and nothing of its owner."""
    model = platform.processor()
    try:
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    except OSError:
        pass
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "pinned": cpu is not None,
        "kernel": f"{platform.system()} {platform.release()}",
        "architecture": platform.machine(),
        "file_system": filesystem(folder),
        "load": os.getloadavg()[0],
    }


def commit() -> str | None:
    """Return the checkout's commit, with `-dirty` when files differ from it."""
    git = ["git", "--no-optional-locks", "-C", str(HERE)]
    try:
        head = subprocess.run(
            [*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True
        ).stdout.strip()
        changed = subprocess.run(
            [*git, "status", "--porcelain"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    return f"{head}-dirty" if changed else head


def time_import(python: str, name: str) -> float:
    """Return the milliseconds of a whole process that imports *name*."""
    statement = "pass" if name == "nothing" else f"import {name}"
    start = time.perf_counter_ns()
    done = subprocess.run(
        [python, "-I", "-c", statement],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    spent = time.perf_counter_ns() - start
    if done.returncode:
        raise ChildError((done.stderr.strip().splitlines() or ["failed"])[-1])
    return spent / 1e6


def summarise(row: dict[str, Any], scenario: Scenario) -> None:
    """Add minimum and median over the processes, net of the empty loop.

    The minimum takes the fastest loop and the fastest empty loop of all processes; the
    lowest difference would pick the process whose empty loop was disturbed most.
    """
    processes = row["processes"]
    calls = processes[0]["calls"]
    loops = [min(one["loop_ns"]) / calls for one in processes]
    empties = [min(one["empty_ns"]) / calls for one in processes]
    nets = [loop - empty for loop, empty in zip(loops, empties, strict=True)]
    row["unit"] = "ns"
    row["min"] = min(loops) - min(empties)
    row["median"] = statistics.median(nets)
    if scenario.way is not Way.BELOW_THRESHOLD:
        row["p50"] = min(one["single_ns"]["p50"] for one in row["processes"])
        row["p99"] = min(one["single_ns"]["p99"] for one in row["processes"])


def took_native_way(row: dict[str, Any], way: Way) -> str | None:
    """Return why a fastlog row does not show the native way, or None when it does."""
    for one in row["processes"]:
        if not one["native"]:
            return "fastlog's methods were not in place"
        called = one["calls"] * len(one["loop_ns"])
        counted = one["counted"]
        if way is Way.BELOW_THRESHOLD:
            if counted["originals"]:
                return f"{counted['originals']} of {called} calls took the Python way"
        elif counted[way.value] < called:
            return f"counter {way.value!r} moved {counted[way.value]} of {called} calls"
    return None


def compare_text(row: dict[str, Any], expected: set[str]) -> str | None:
    """Return how a library's bytes differ from the reference's, or None."""
    if len(expected) != 1:
        return "the reference wrote different bytes in different processes"
    (reference,) = expected
    for one in row["processes"]:
        if one["text"] == reference:
            continue
        pairs = zip(one["text"].split("\n"), reference.split("\n"), strict=False)
        ours, theirs = next((p for p in pairs if p[0] != p[1]), ("", ""))
        return f"writes other bytes: {ours!a} for {theirs!a}"
    return None


def judge_row(row: dict[str, Any], scenario: Scenario, expected: set[str]) -> None:
    """Set `valid` and, when a row must not be believed, `why`."""
    why = row.pop("error", None)
    if why is None and row["rival"] in scenarios.LIBRARIES:
        why = compare_text(row, expected)
        if why is None and row["rival"] == OURS:
            why = took_native_way(row, scenario.way)
    row["valid"] = why is None
    row["why"] = why


class Run:
    """One interpreter's run over the chosen scenarios."""

    def __init__(self, python: str, options: argparse.Namespace, build: str) -> None:
        """Find out what the interpreter is and has."""
        self.python = python
        self.options = options
        self.about = ask(python, do="probe")
        self.library = ask(python, do="build", folder=build)
        self.rows: dict[tuple[str, str], dict[str, Any]] = {}

    def rivals_of(self, name: str) -> list[str]:
        """Return who is measured in a scenario, libraries first."""
        found = [
            rival
            for rival in scenarios.LIBRARIES
            if rival in self.options.rivals and self.about["packages"][rival]
        ]
        return [*found, *scenarios.BY_NAME[name].floors]

    def absent(self) -> list[str]:
        """Return the libraries that this interpreter does not have."""
        packages = self.about["packages"]
        return [name for name in scenarios.LIBRARIES if packages[name] is None]

    def round(self) -> None:
        """Measure every scenario once with every rival, each in a fresh process."""
        for name in self.options.only:
            for rival in self.rivals_of(name):
                new = {"scenario": name, "rival": rival}
                row = self.rows.setdefault((name, rival), new)
                try:
                    if name != IMPORT.name:
                        one = self.measure(name, rival)
                        row.setdefault("processes", []).append(one)
                except ChildError as error:
                    row["error"] = str(error)
        if IMPORT.name in self.options.only:
            self.import_round()

    def measure(self, name: str, rival: str) -> dict[str, Any]:
        """Return one process's samples."""
        answer: dict[str, Any] = ask(
            self.python,
            do="measure",
            scenario=name,
            rival=rival,
            folder=self.options.folder,
            library=self.library,
            scale=self.options.scale,
            repeats=self.options.repeats,
        )
        if "unavailable" in answer:
            raise ChildError(answer["unavailable"])
        return answer

    def import_round(self) -> None:
        """Time a few whole processes of every rival, in turns."""
        rivals = self.rivals_of(IMPORT.name)
        for _ in range(IMPORTS):
            for rival in rivals:
                row = self.rows[IMPORT.name, rival]
                try:
                    spent = time_import(self.python, rival)
                except ChildError as error:
                    row["error"] = str(error)
                else:
                    row.setdefault("samples_ms", []).append(spent)

    def warm_imports(self) -> None:
        """Import everything once, so that bytecode is written and files are cached."""
        for rival in self.rivals_of(IMPORT.name):
            try:
                time_import(self.python, rival)
            except ChildError as error:
                print(f"import {rival}: {error}", file=sys.stderr)

    def finish(self) -> dict[str, Any]:
        """Return the run as JSON: everything sampled, and what it comes to."""
        for (name, _), row in self.rows.items():
            if name == IMPORT.name:
                self.finish_import(row)
                continue
            scenario = next(s for s in scenarios.SCENARIOS if s.name == name)
            reference = self.rows.get((name, REFERENCE), {})
            texts = {one["text"] for one in reference.get("processes", ())}
            row.setdefault("processes", [])
            judge_row(row, scenario, texts)
            if row["processes"]:
                summarise(row, scenario)
        for row in self.rows.values():
            shorten(row)
        return {
            "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
            "commit": commit(),
            "machine": machine(self.options.folder, self.options.cpu),
            **self.about,
            "processes": self.options.processes,
            "repeats": self.options.repeats,
            "scale": self.options.scale,
            "absent": self.absent(),
            "rows": list(self.rows.values()),
        }

    def finish_import(self, row: dict[str, Any]) -> None:
        """Add minimum and median of the whole processes."""
        row["why"] = row.pop("error", None)
        row["valid"] = row["why"] is None
        if samples := row.get("samples_ms"):
            row["unit"] = "ms"
            row["min"], row["median"] = min(samples), statistics.median(samples)


def shorten(row: dict[str, Any]) -> None:
    """Keep a digest and a line of what a row wrote instead of all of it, twice."""
    texts = [one.pop("text") for one in row.get("processes", ()) if "text" in one]
    if texts:
        encoded = texts[0].encode("utf-8", "backslashreplace")
        row["text"] = {
            "sha256": hashlib.sha256(encoded).hexdigest(),
            "last": ascii(texts[0].rpartition("\n")[0].rpartition("\n")[2]),
        }


def parse(arguments: list[str]) -> argparse.Namespace:
    """Return the options; a wrong one ends with status 2."""
    parser = argparse.ArgumentParser(prog="run.py", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--python", action="append", metavar="PATH", help="an interpreter; repeatable"
    )
    parser.add_argument("--processes", type=int, default=7, help="per rival (7)")
    parser.add_argument("--repeats", type=int, default=40, help="in a process (40)")
    parser.add_argument("--scale", type=float, default=1.0, help="of the loops' length")
    parser.add_argument(
        "--only",
        action="append",
        choices=list(scenarios.BY_NAME),
        metavar="SCENARIO",
        help=f"repeatable; of: {', '.join(scenarios.BY_NAME)}",
    )
    parser.add_argument(
        "--rivals",
        default=",".join(scenarios.LIBRARIES),
        help="libraries that take part, with commas between them",
    )
    parser.add_argument(
        "--cpu",
        default="last",
        help="number of the core to stay on, 'last' or 'any' (last)",
    )
    parser.add_argument("--folder", default=tempfile.gettempdir(), help="for log files")
    parser.add_argument("--results", type=pathlib.Path, default=RESULTS)
    parser.add_argument(
        "--check", action="store_true", help="exit with 1 when a target is missed"
    )
    options = parser.parse_args(arguments)
    options.whole = options.only is None and options.scale == 1
    options.only = options.only or list(scenarios.BY_NAME)
    options.rivals = options.rivals.split(",")
    if unknown := set(options.rivals) - set(scenarios.LIBRARIES):
        parser.error(f"unknown rival {', '.join(sorted(unknown))}")
    options.whole &= set(options.rivals) == set(scenarios.LIBRARIES)
    options.python = [find(parser, name) for name in options.python or [sys.executable]]
    if options.cpu == "any":
        options.cpu = None
    elif options.cpu != "last" and not options.cpu.isdecimal():
        parser.error("--cpu takes a number, 'last' or 'any'")
    return options


def find(parser: argparse.ArgumentParser, name: str) -> str:
    """Return the path of an interpreter given by name or path."""
    if (path := shutil.which(name)) is None:
        parser.error(f"no interpreter {name!r}: give a path or a name on PATH")
    return os.path.abspath(path)


def pin(cpu: str | None) -> int | None:
    """Keep this process and those it starts on one core; None leaves them alone."""
    if cpu is None or not hasattr(os, "sched_setaffinity"):
        return None
    core = max(os.sched_getaffinity(0)) if cpu == "last" else int(cpu)
    os.sched_setaffinity(0, {core})
    return core


def save(
    run: dict[str, Any], options: argparse.Namespace, ending: str = ""
) -> pathlib.Path:
    """Write a run's JSON; a partial run never takes a whole one's name."""
    part = ending if options.whole else f"{ending}-partial"
    path = options.results / f"{run['date']}-{run['python']}{part}.json"
    options.results.mkdir(parents=True, exist_ok=True)
    text = SAMPLES.sub(
        lambda found: " ".join(found[0].split()), json.dumps(run, indent=1)
    )
    path.write_text(text + "\n", encoding="utf-8")
    return path


def main(arguments: list[str]) -> int:
    """Measure, save, print the tables, and with --check judge the targets."""
    options = parse(arguments)
    options.cpu = pin(options.cpu)
    runs = []
    for python in options.python:
        with tempfile.TemporaryDirectory() as build:
            try:
                run = Run(python, options, build)
            except ChildError as error:
                print(f"run.py: {python} cannot be measured: {error}", file=sys.stderr)
                return 2
            print(f"Python {run.about['python']}", file=sys.stderr)
            if IMPORT.name in options.only:
                run.warm_imports()
            for number in range(1, options.processes + 1):
                print(f"  round {number} of {options.processes}", file=sys.stderr)
                run.round()
            runs.append(run.finish())
        save(runs[-1], options)
    print("\n\n".join(report.full_table(run) for run in runs))
    verdicts = [verdict for run in runs for verdict in report.judge(run)]
    print(report.verdict_lines(verdicts))
    return report.status(verdicts) if options.check else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
