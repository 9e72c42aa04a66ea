"""`make demo`: one Django service, once on logging and once on fastlog.

Starts a paging service and a mail server, serves the shop on both sides by turns,
and shows two things: how long requests and log calls took, and that both sides wrote
the same lines, pages and mails. Exit status 1 when they did not.
"""

from __future__ import annotations

import argparse
import contextlib
import pathlib
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence

import django
import evidence
import service
import traffic

SIDES = tuple(service.COMMANDS)
ROUNDS = 4


def main() -> int:
    """Run the demo and return its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--requests", type=int, default=4000, help="requests a side (default 4000)"
    )
    parser.add_argument("--keep", metavar="DIR", help="keep the logs, in a new folder")
    options = parser.parse_args()
    if options.requests < 100 * ROUNDS:
        parser.error(f"--requests: give at least {100 * ROUNDS}")
    try:
        with folder(options.keep) as place:
            return demo(options.requests // ROUNDS, place)
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return 130
    except (traffic.ServiceError, OSError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1


@contextlib.contextmanager
def folder(keep: str | None) -> Iterator[pathlib.Path]:
    """Give a folder for the logs, which goes at the end unless it is to stay."""
    if keep:
        place = pathlib.Path(keep).absolute()
        place.mkdir(parents=True)
        yield place
    else:
        with tempfile.TemporaryDirectory(prefix="fastlog-demo-") as name:
            yield pathlib.Path(name)


def demo(requests: int, place: pathlib.Path) -> int:
    """Serve, *requests* at a time, and report; return the exit status."""
    print(
        f"Django {django.get_version()} on Python {platform.python_version()}:"
        f" {requests * ROUNDS} requests a side, in {ROUNDS} rounds\n"
    )
    runs: dict[str, list[service.Run]] = {side: [] for side in SIDES}
    for turn in range(ROUNDS):
        for side in SIDES:
            begin = time.monotonic()
            done = service.run(
                service.COMMANDS[side], requests, place / f"{side}-{turn}"
            )
            runs[side].append(done)
            print(
                f"  round {turn + 1}, {side}:"
                f" {requests} requests in {time.monotonic() - begin:.1f} s",
                flush=True,
            )
    print("\n".join(["", *table(runs), ""]))
    return judge(runs)


def table(runs: dict[str, list[service.Run]]) -> Iterator[str]:
    """Yield the lines of the one table: latencies, then the cost of a call."""
    yield row("seen by the client, µs", *SIDES, "ratio")
    for kind in traffic.KINDS:
        latencies = [
            [[ns / 1000 for ns in run.seen.latencies_ns[kind]] for run in runs[side]]
            for side in SIDES
        ]
        yield row(f"  {kind.says:<38} median", *best(statistics.median, *latencies))
        yield row(f"  {'':<38}    p99", *best(p99, *latencies))
    yield row("one log call within a view, ns (loop included)", *SIDES, "ratio")
    for kind in (traffic.WRITTEN, traffic.TURNED_AWAY):
        calls = [[run.seen.calls_ns[kind] for run in runs[side]] for side in SIDES]
        yield row(f"  {kind.says:<38} median", *best(statistics.median, *calls))
        yield row(f"  {'':<38}  least", *best(min, *calls))
    yield "Each figure is the better one of the rounds; ratio: logging to fastlog."
    yield "The p99 of fewer than 100 requests is the slowest one."


def best(
    measure: Callable[[list[float]], float],
    before: list[list[float]],
    after: list[list[float]],
) -> tuple[str, str, str]:
    """Return the least measure over the rounds of each side, and their ratio."""
    figures = [min(measure(values) for values in side) for side in (before, after)]
    return f"{figures[0]:,.1f}", f"{figures[1]:,.1f}", f"{figures[0] / figures[1]:.2f}"


def p99(values: Sequence[float]) -> float:
    """Return the 99th percentile; of fewer than 100 values, the largest."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, len(ranked) * 99 // 100)]


def row(says: str, *cells: str) -> str:
    """Lay out one line of the table."""
    return f"{says:<48}" + "".join(f"{cell:>11}" for cell in cells)


def judge(runs: dict[str, list[service.Run]]) -> int:
    """Say whether both sides left the same behind, and each was what it says."""
    if faults := [*the_same(runs), *each_side_was_itself(runs)]:
        print("DIFFERENT:\n", *faults, sep="", file=sys.stderr)
        return 1
    reference = runs[SIDES[0]][0].evidence
    print(f"The same in all {ROUNDS * len(SIDES)} runs, to the byte, but for masks:")
    for name in reference.items:
        print(f"  {name:<16}{reference.size(name):>15}")
    counted = [describe(run.counts or {}) for run in runs["fastlog"]]
    for text in dict.fromkeys(counted):
        print(f"fastlog counted, in each of {counted.count(text)} runs: {text}")
    return 0


def describe(counts: dict[str, int]) -> str:
    """Return counters as text."""
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def the_same(runs: dict[str, list[service.Run]]) -> Iterator[str]:
    """Yield how one run differs from the first on logging, if any does."""
    first, *others = [run for side in SIDES for run in runs[side]]
    for other in others:
        if faults := list(evidence.differences(first.evidence, other.evidence)):
            yield from faults
            return


def each_side_was_itself(runs: dict[str, list[service.Run]]) -> Iterator[str]:
    """Yield a complaint for a run that was not on the side it stands for."""
    for run in runs["logging"]:
        if run.counts is not None:
            yield "fastlog was imported on the side of logging\n"
    for run in runs["fastlog"]:
        counts = run.counts or {}
        lines = run.evidence.items["everything.log"][0].count(b"\n")
        if counts.get("calls", 0) < lines // 2:
            yield f"of {lines} lines too few took the native way: {counts}\n"


if __name__ == "__main__":
    sys.exit(main())
