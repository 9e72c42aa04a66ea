"""The interpreter's own, unchanged `test.test_logging` on fastlog.

`python tests/stdlib/suite.py [fastlog | fastlog+install | logging]` prints a report.
Each test class runs in a process of its own. Where one dies or hangs, the test it was
at is named, and the rest of the class goes on in a fresh process.
"""

from __future__ import annotations

import argparse
import collections
import concurrent.futures
import contextlib
import dataclasses
import importlib.util
import json
import os
import pathlib
import platform
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
CHILD = (sys.executable, "-X", "faulthandler", str(HERE / "child.py"))
CANDIDATES = ("fastlog", "fastlog+install")
#: A test that says several things (subtests) gets the last of these it said.
ORDER = ("listed", "started", "passed", "skipped", "failed", "died")


def missing() -> str | None:
    """Return why the suite cannot run here, or None."""
    try:
        found = importlib.util.find_spec("test.test_logging")
    except ImportError:
        found = None
    if found is None:
        return "this interpreter ships no test.test_logging"
    return None


@dataclasses.dataclass
class Report:
    """The verdict and the last words of every test, and the native counters."""

    candidate: str
    verdicts: dict[str, str] = dataclasses.field(default_factory=dict)
    details: dict[str, str] = dataclasses.field(default_factory=dict)
    counts: collections.Counter[str] = dataclasses.field(
        default_factory=collections.Counter
    )

    def note(self, test: str, verdict: str, detail: str = "") -> None:
        """Keep the gravest verdict of *test*."""
        before = self.verdicts.get(test, ORDER[0])
        if ORDER.index(verdict) >= ORDER.index(before):
            self.verdicts[test] = verdict
            self.details[test] = detail

    def named(self, verdict: str) -> set[str]:
        """Return the tests with *verdict*."""
        return {test for test, found in self.verdicts.items() if found == verdict}

    def __str__(self) -> str:
        """Return one line: `fastlog on CPython 3.11.7: 219 passed, 22 skipped`."""
        numbers = collections.Counter(self.verdicts.values())
        parts = [f"{numbers[verdict]} {verdict}" for verdict in ORDER[1:]]
        said = ", ".join(part for part in parts if not part.startswith("0 "))
        return f"{self.candidate} on CPython {platform.python_version()}: {said}"


def start(candidate: str, out: pathlib.Path, tests: list[str], seconds: float) -> str:
    """Run *tests* in one process; return what it died of, or an empty text."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(
            [*CHILD, candidate, str(out), *tests],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=err,
            start_new_session=True,
        )
        try:
            status, end = process.wait(seconds), ""
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGABRT)  # faulthandler tells where it hangs
            status, end = 1, f"no end after {seconds:.0f} s\n"
        finally:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if status == 0:
            return ""
        err.seek(0)
        return (
            f"{end}exit status {status}\n{err.read()[-3000:].decode(errors='replace')}"
        )


def events(out: pathlib.Path) -> list[dict[str, object]]:
    """Return what a child wrote to *out*."""
    return [json.loads(line) for line in out.read_text().splitlines()]


def run_class(report: Report, tests: list[str], seconds: float) -> None:
    """Run the tests of one class, in as many processes as it takes."""
    while tests:
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder, "events")
            out.touch()
            death = start(report.candidate, out, tests, seconds)
            for event in events(out):
                if "counts" in event:
                    report.counts.update(event["counts"])
                else:
                    report.note(**event)
        if not death:
            return
        reached = [t for t in tests if report.verdicts[t] != "listed"]
        at = [t for t in reached if report.verdicts[t] == "started"]
        # it died at one test, or at exit, or before the first and for all of them
        for culprit in at or reached[-1:] or tests:
            report.note(culprit, "died", death)
        tests = [t for t in tests if report.verdicts[t] == "listed"]


def run(candidate: str, seconds: float = 240, only: str = "") -> Report:
    """Run the whole suite on *candidate*, *seconds* at most for each class.

    Raises:
        RuntimeError: The tests could not even be listed.
    """
    report = Report(candidate)
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder, "events")
        if death := start("logging", out, [], seconds):
            raise RuntimeError(death)
        for event in events(out):
            if only in str(event["test"]):
                report.note(**event)
    classes = collections.defaultdict(list)
    for test in report.verdicts:
        classes[test.partition(".")[0]].append(test)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for done in [
            pool.submit(run_class, report, tests, seconds) for tests in classes.values()
        ]:
            done.result()
    return report


def exceptions(candidate: str) -> dict[str, str]:
    """Return the tests that assert *candidate*'s identity, with their reasons."""
    lines = (HERE / "exceptions.txt").read_text().splitlines()
    found = (line.split(None, 2) for line in lines if line and line[0] != "#")
    return {test: reason for whose, test, reason in found if whose == candidate}


def main() -> int:
    """Print a report; return 1 if any test that passes on `logging` does not pass."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("candidate", nargs="?", choices=("logging", *CANDIDATES))
    parser.add_argument("--only", default="", help="part of a test's name")
    args = parser.parse_args()
    if reason := missing():
        parser.exit(2, f"{reason}\n")
    base = run("logging", only=args.only)
    print(base, flush=True)
    candidates = [args.candidate] if args.candidate else CANDIDATES
    lost = False
    for candidate in [name for name in candidates if name != "logging"]:
        report = run(candidate, only=args.only)
        print(report)
        for test in sorted(base.named("passed") - report.named("passed")):
            if reason := exceptions(candidate).get(test):
                print(f"  excepted: {test}: {reason}")
                continue
            lost = True
            print(f"  {report.verdicts[test]}: {test}\n{report.details[test]}")
    return int(lost)


if __name__ == "__main__":
    sys.exit(main())
