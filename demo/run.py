"""`make demo`: one Django service, on logging, on fastlog, and with its writer.

Starts a paging service and a mail server, serves the shop on all sides by turns, to
one client and then to several at once, and shows two things: how long requests and log
calls took, and that all sides wrote the same lines, pages and mails. Exit status 1
when they did not.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
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
LOAD_ROUNDS = 2

Runs = dict[str, list[service.Run]]


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
    each = requests * ROUNDS // (2 * LOAD_ROUNDS * traffic.CLIENTS)
    at_once = each * LOAD_ROUNDS * traffic.CLIENTS
    print(
        f"Django {django.get_version()} on Python {platform.python_version()}:"
        f" {requests * ROUNDS} requests a side, in {ROUNDS} rounds,"
        f" and {at_once} of {traffic.CLIENTS} clients at once\n"
    )
    runs: Runs = {side: [] for side in SIDES}
    loads: Runs = {side: [] for side in SIDES}
    for turn in range(ROUNDS):
        for side in SIDES:
            command, log = service.COMMANDS[side], place / f"{side}-{turn}"
            with saying(f"round {turn + 1}, {side}: {requests} requests"):
                runs[side].append(service.run(command, requests, log))
    for turn in range(LOAD_ROUNDS):
        for side in SIDES:
            command, log = service.COMMANDS[side], place / f"{side}-load-{turn}"
            all_requests = each * traffic.CLIENTS
            with saying(f"load {turn + 1}, {side}: {all_requests} requests"):
                loads[side].append(service.run_under_load(command, each, log))
    print("\n".join(["", *table(runs), *load_table(loads), *EXPLAINED, ""]))
    return judge(runs, loads)


@contextlib.contextmanager
def saying(what: str) -> Iterator[None]:
    """Say at the end how long it took."""
    begin = time.monotonic()
    yield
    print(f"  {what} in {time.monotonic() - begin:.1f} s", flush=True)


EXPLAINED = (
    "Each figure is the better one of the rounds, under load that of all of them",
    "together; ratio: logging to the column before it.",
    "The p99 of fewer than 100 requests, and so on, is the slowest one.",
)
HEADS = (SIDES[0], *(cell for side in SIDES[1:] for cell in (side, "ratio")))


def table(runs: Runs) -> Iterator[str]:
    """Yield the lines of the one table: latencies, then the cost of a call."""
    yield row("seen by the client, µs", *HEADS)
    for kind in traffic.KINDS:
        latencies = [
            [[ns / 1000 for ns in run.seen.latencies_ns[kind]] for run in runs[side]]
            for side in SIDES
        ]
        yield row(f"  {kind.says:<36} median", *best(statistics.median, latencies))
        yield row(f"  {'':<36}    p99", *best(p99, latencies))
    yield row("one log call within a view, ns (loop included)", *HEADS)
    for kind in (traffic.WRITTEN, traffic.TURNED_AWAY):
        calls = [[run.seen.calls_ns[kind] for run in runs[side]] for side in SIDES]
        yield row(f"  {kind.says:<36} median", *best(statistics.median, calls))
        yield row(f"  {'':<36}  least", *best(min, calls))


def load_table(runs: Runs) -> Iterator[str]:
    """Yield the lines on what several clients at once saw."""
    requests: list[list[list[float]]] = []
    calls: list[list[list[float]]] = []
    for side in SIDES:
        seen = [run.seen for run in runs[side]]
        latencies = [x.latencies_ns[kind] for x in seen for kind in traffic.LOAD]
        requests.append([[ns / 1000 for times in latencies for ns in times]])
        times_ns = [x.calls_ns[kind] for x in seen for kind in traffic.LOAD]
        calls.append([[ns for times in times_ns for ns in times]])
    for says, values in (
        (f"requests of {traffic.CLIENTS} clients at once, µs", requests),
        ("one log call under load, ns (clock included)", calls),
    ):
        yield row(says, *HEADS)
        for name, share in (("median", 0.5), ("p99", 0.99), ("p99.9", 0.999)):
            measure = functools.partial(percentile, share=share)
            yield row(f"  {'':<36} {name:>6}", *best(measure, values))


def best(
    measure: Callable[[list[float]], float], sides: Sequence[list[list[float]]]
) -> list[str]:
    """Return the least measure over the rounds of each side, and the ratios."""
    first, *others = [min(measure(values) for values in side) for side in sides]
    cells = [f"{first:,.1f}"]
    for figure in others:
        cells += [f"{figure:,.1f}", f"{first / figure:.2f}"]
    return cells


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that a *share* is below; of too few values, the largest."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * share))]


def p99(values: Sequence[float]) -> float:
    """Return the 99th percentile; of fewer than 100 values, the largest."""
    return percentile(values, 0.99)


def row(says: str, *cells: str) -> str:
    """Lay out one line of the table; every second cell behind the first is a ratio."""
    widths = [11, *(12, 8) * len(SIDES)]
    laid_out = (f"{cell:>{w}}" for cell, w in zip(cells, widths, strict=False))
    return f"{says:<46}" + "".join(laid_out)


def judge(runs: Runs, loads: Runs) -> int:
    """Say whether all sides left the same behind, and each was what it says."""
    faults = [*the_same(runs), *the_same(loads)]
    faults += [*each_side_was_itself(runs), *each_side_was_itself(loads)]
    if faults:
        print("DIFFERENT:\n", *faults, sep="", file=sys.stderr)
        return 1
    reference = runs[SIDES[0]][0].evidence
    print(f"The same in all {ROUNDS * len(SIDES)} runs, to the byte, but for masks:")
    for name in reference.items:
        print(f"  {name:<16}{reference.size(name):>15}")
    lines = sum(map(lines_of, loads[SIDES[0]]))
    print(
        f"Under load, {lines:,} lines a side: the same, to the byte, in the order of"
        " each client."
    )
    for side in SIDES[1:]:
        counted = [describe(run.counts or {}) for run in runs[side]]
        for text in dict.fromkeys(counted):
            print(f"{side} counted, in each of {counted.count(text)} runs: {text}")
    return 0


def describe(counts: dict[str, int]) -> str:
    """Return counters as text."""
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def lines_of(run: service.Run) -> int:
    """Return how many lines a run left in the file that has all of them."""
    return sum(item.count(b"\n") for item in run.evidence.items["everything.log"])


def the_same(runs: Runs) -> Iterator[str]:
    """Yield how one run differs from the first on logging, if any does."""
    first, *others = [run for side in SIDES for run in runs[side]]
    for other in others:
        if faults := list(evidence.differences(first.evidence, other.evidence)):
            yield from faults
            return


def each_side_was_itself(runs: Runs) -> Iterator[str]:
    """Yield a complaint for a run that was not on the side it stands for."""
    for run in runs["logging"]:
        if run.counts is not None:
            yield "fastlog was imported on the side of logging\n"
    for side in ("fastlog", "background"):
        for run in runs[side]:
            counts, lines = run.counts or {}, lines_of(run)
            if counts.get("calls", 0) < lines // 2:
                yield f"{side}: of {lines} lines too few took the native way:"
                yield f" {counts}\n"
    for run in runs["background"]:
        counts, lines = run.counts or {}, lines_of(run)
        through_ring = counts.get("pushes", 0) + counts.get("lines", 0)
        if through_ring < lines // 2 or counts.get("writes", 0):
            yield f"background: of {lines} lines too few went through the ring:"
            yield f" {counts}\n"


if __name__ == "__main__":
    sys.exit(main())
