"""One process measures one way in one scenario of the background writer; nanoseconds.

`python background_measure.py JSON` prints a JSON object; `background.py` starts it.
The clock is `time.perf_counter_ns`; single calls contain it once (`clock_ns`).
"""

from __future__ import annotations

import array
import gc
import json
import os
import pathlib
import re
import statistics
import sys
import tempfile
import threading
import time
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

import background_ways
import measure
import rivals
import scenarios
from background_scenarios import LINE, MIB, STATEMENT, WHO
from background_ways import KINDS, Way, cpu_ns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Answer = dict[str, Any]

PAUSE_S = 0.005
#: Records before the clock counts; they are checked with the others.
WARM_UP = 5_000
LONG = "long lines of a dump, an answer or a traceback come to a few kilobytes; " * 120
RING = re.compile(r"memfd:|/dev/shm/|ring")


def paced(statement: str, names: dict[str, Any]) -> Callable[..., float]:
    """Return a function that runs *statement* at a rate and clocks each run.

    Its arguments are the indexes, nanoseconds between two and an array for the
    samples; it returns the runs per second that it came to. It sleeps in between: the
    kernel wakes it some 50 us late, so that two or three calls follow one another.
    """
    source = "\n".join(
        [
            f"def {scenarios.FUNCTION}(times, step, samples,"
            f" {', '.join(f'{n}={n}' for n in names)}):",
            "    begin = due = clock()",
            "    for i in times:",
            "        while (now := clock()) < due:",
            "            sleep((due - now) / 1e9)",
            "        due += step",
            "        start = clock()",
            f"        {statement}",
            "        end = clock()",
            "        samples.append(end - start)",
            "    return len(samples) * 1e9 / (clock() - begin)",
        ]
    )
    namespace: dict[str, Any] = {"clock": perf_counter_ns, "sleep": time.sleep, **names}
    exec(compile(source, scenarios.SOURCE, "exec"), namespace)
    function: Callable[..., float] = namespace[scenarios.FUNCTION]
    return function


def quantiles(samples: Iterable[int]) -> Answer:
    """Return the latencies' percentiles, the slowest ones, and all in few numbers."""
    ranked = sorted(samples)

    def at(share: float) -> int:
        return ranked[min(len(ranked) - 1, int(len(ranked) * share))]

    shares = [*(n / 100 for n in range(0, 100, 5)), 0.98, 0.995, 0.998]
    shares += [0.9995, 0.9998, 0.9999]
    return {
        "p50": at(0.5),
        "p99": at(0.99),
        "p999": at(0.999),
        "max": ranked[-1],
        "samples": len(ranked),
        "distribution": {f"{share:g}": at(share) for share in shares},
        "slowest": ranked[-50:],
    }


class Session:
    """A way that was opened, and what it must have written.

    Attributes:
        way: None for `nothing`.
        logged: By author, the indexes of its records so far.
    """

    def __init__(self, way: str, folder: pathlib.Path) -> None:
        """Open the file and warm up."""
        self.began = time.time()
        self.way: Way | None = None
        self.logged: dict[str, list[range]] = {}
        self.names: dict[str, Any] = {"who": WHO}
        self.statement = "pass"
        if way in KINDS:
            self.way = KINDS[way](folder)
            self.names["logger"] = self.way.logger
            self.statement = STATEMENT
        self.before = self.way.counts() if self.way else None
        self.loop = measure.make_loop(self.statement, self.names)
        self.empty = measure.make_loop("pass", self.names)
        self.next = 0

    def indexes(self, count: int, who: str = WHO) -> range:
        """Return the next *count* indexes, which *who* is going to log."""
        times = range(self.next, self.next + count)
        self.next += count
        self.logged.setdefault(who, []).append(times)
        return times

    def warm_up(self) -> None:
        """Log some records and wait for them."""
        for _ in range(5):
            self.loop(self.indexes(WARM_UP // 5))
            self.empty(range(WARM_UP // 5))
        if self.way is not None:
            self.way.flush()

    def finish(self, answer: Answer, expected: Iterator[str] | None = None) -> Answer:
        """Close the file and look at every line of it."""
        if self.way is None:
            return answer
        way = self.way
        way.flush()
        calls = sum(len(times) for all_of in self.logged.values() for times in all_of)
        why = way.why_not(calls, self.before)
        if isinstance(way, background_ways.Background):
            answer["stats"] = dict(vars_of(way.module.stats()))
        way.close()
        wrong, digest = background_ways.why_wrong(
            way.path,
            {WHO: expected} if expected else self.expected(),
            self.began,
            time.time(),
        )
        answer["bytes"] = way.path.stat().st_size
        return answer | {"lines": calls, "why": wrong or why, "sha256": digest}

    def expected(self) -> dict[str, Iterator[str]]:
        """Return, by author, what stands behind the dates."""

        def lines(who: str) -> Iterator[str]:
            for times in self.logged[who]:
                for i in times:
                    yield LINE.format(who=who, i=i)

        return {who: lines(who) for who in self.logged}


def vars_of(stats: Any) -> dict[str, Any]:
    """Return a dataclass with or without slots as a dict."""
    return {name: getattr(stats, name) for name in stats.__dataclass_fields__}


def bursts(session: Session, calls: int, bursts: int) -> Answer:
    """Time bursts; before each, all before it is written and a pause is over."""
    assert session.way is not None
    session.warm_up()
    loop_ns, empty_ns = [], []
    with measure.quiet_collector():
        for _ in range(bursts):
            session.way.drain()
            time.sleep(PAUSE_S)
            times = session.indexes(calls)
            loop_ns.append(session.loop(times))
            empty_ns.append(session.empty(times))
        session.way.drain()
    answer = {
        "calls": calls,
        "loop_ns": loop_ns,
        "empty_ns": empty_ns,
        "median_ns": (statistics.median(loop_ns) - statistics.median(empty_ns)) / calls,
        "min_ns": (min(loop_ns) - min(empty_ns)) / calls,
    }
    return session.finish(answer)


def throughput(session: Session, lines: int, threads: int) -> Answer:
    """Log as fast as *threads* can, and flush."""
    way = session.way
    assert way is not None
    session.warm_up()
    task = way.writer_task()
    jobs = []
    for number in range(threads):
        who = f"thread-{number}" if threads > 1 else WHO
        loop = measure.make_loop(session.statement, session.names | {"who": who})
        jobs.append((loop, session.indexes(lines // threads, who)))
    others = [threading.Thread(target=loop, args=(i,)) for loop, i in jobs[1:]]
    with measure.quiet_collector():
        writer = cpu_ns(task) if task else 0
        process = time.process_time_ns()
        start = perf_counter_ns()
        for thread in others:
            thread.start()
        loop, times = jobs[0]
        loop(times)
        for thread in others:
            thread.join()
        called = perf_counter_ns() - start
        way.flush()
        spent = perf_counter_ns() - start
        process = time.process_time_ns() - process
        time.sleep(PAUSE_S)  # the kernel accounts a thread that has gone to sleep
        writer = cpu_ns(task) - writer if task else 0
    total = lines // threads * threads
    answer = {
        "lines_per_s": total * 1e9 / spent,
        "call_ns": called / total,
        "process_ns": process / total,
        "spent_ns": spent,
    }
    if task is not None:
        answer["writer_ns"] = writer / total
    return session.finish(answer)


def latency(session: Session, rate: int, seconds: float) -> Answer:
    """Call at a steady rate, the collector off, and clock each call."""
    session.warm_up()
    call = paced(session.statement, session.names)
    samples = array.array("q")
    with measure.quiet_collector():
        reached = call(session.indexes(int(rate * seconds)), 10**9 // rate, samples)
    answer = quantiles(samples) | {"rate": reached, "clock_ns": clock_ns()}
    return session.finish(answer)


def beside(session: Session, calls: int) -> Answer:
    """Clock single calls while another thread computes and never offers the GIL.

    Before every call, outside of the clock, this thread gives the GIL to the other.
    """
    session.warm_up()
    call = paced(session.statement, session.names)
    samples = array.array("q")
    stop: list[bool] = []

    def compute() -> None:
        """Compute until told to stop."""
        value = 1
        while not stop:
            for number in range(1_000):
                value = (value * 31 + number) & 0xFFFF

    thread = threading.Thread(target=compute)
    thread.start()
    try:
        with measure.quiet_collector():
            for _ in range(calls):
                time.sleep(0)
                call(session.indexes(1), 0, samples)
    finally:
        stop.append(True)
        thread.join()
    answer = quantiles(samples) | {"clock_ns": clock_ns()}
    return session.finish(answer)


def idle(session: Session, calls: int, seconds: float) -> Answer:
    """Log a burst, then nothing, and see what the process uses meanwhile."""
    assert session.way is not None
    session.warm_up()
    session.loop(session.indexes(calls))
    session.way.drain()
    start, used = time.monotonic(), time.process_time()
    time.sleep(seconds)
    used = time.process_time() - used
    spent = time.monotonic() - start
    answer = {"core_percent": 100 * used / spent, "cpu_s": used, "seconds": spent}
    return session.finish(answer)


def readings() -> dict[str, int]:
    """Return this process's memory in bytes, by the kernel's names."""
    gc.collect()
    found = {}
    for line in pathlib.Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]:
        name, value = line.split(":")
        found[name] = int(value.split()[0]) * 1024
    return found


def log_variety(logger: Any, count: int) -> None:
    """Log messages that are never the same, some of them long."""
    info = logger.info
    for i in range(count):
        if i % 100 == 50:
            info("dump %d: %s", i, LONG[: 800 + i % 7_000])
        elif i % 2:
            info(f"event {i} of a kind that has its number in the message")
        else:
            info(f"event {i} of %s took %d ms, %.1f%%", "bob", i, 1.5)


def lines_of_variety(count: int) -> Iterator[str]:
    """Yield what stands behind the dates after `log_variety`."""
    head = f"INFO {scenarios.LOGGER} "
    for i in range(count):
        if i % 100 == 50:
            yield f"{head}dump {i}: {LONG[: 800 + i % 7_000]}"
        elif i % 2:
            yield f"{head}event {i} of a kind that has its number in the message"
        else:
            yield f"{head}event {i} of bob took {i} ms, 1.5%"


def memory(session: Session, lines: int) -> Answer:
    """Read the process's memory before, after one record and after many."""
    way = session.way
    assert way is not None
    way.one_message = False
    stages = {"opened": readings()}
    log_variety(way.logger, 1)
    way.flush()
    stages["first"] = readings()
    log_variety(way.logger, lines)
    way.flush()
    stages["last"] = readings()
    session.indexes(lines + 1)
    ring = way.module.stats().ring_bytes if way.writer_task() else 0

    def more(stage: str, *names: str) -> float:
        before, after = stages["opened"], stages[stage]
        return sum(after[name] - before[name] for name in names) / MIB

    # Not all of Pss: a library's pages are shared with whoever else runs just now.
    own = ("Pss_Anon", "Pss_Shmem")
    answer = {
        "first_mib": more("first", *own),
        "last_mib": more("last", *own),
        "beside_ring_mib": more("last", *own) - ring / MIB,
        "last_rss_mib": more("last", "Rss"),
        "ring_bytes": ring,
        "stages": stages,
    }

    def expected() -> Iterator[str]:
        yield from lines_of_variety(1)
        yield from lines_of_variety(lines)

    return session.finish(answer, expected())


def imports(way: str, folder: pathlib.Path) -> Answer:
    """Count threads and mappings after the import, and after a first record."""

    def found() -> tuple[int, list[str]]:
        maps = pathlib.Path("/proc/self/maps").read_text().splitlines()
        names = [" ".join(line.split()[5:]) for line in maps]
        tasks = sum(1 for _ in background_ways.TASKS.iterdir())
        return tasks, [name for name in names if RING.search(name)]

    rivals.load(KINDS[way].library)
    threads, rings = found()
    opened = KINDS[way](folder)
    opened.logger.info("one")
    opened.flush()
    threads_later, rings_later = found()
    opened.close()
    return {
        "threads": threads,
        "rings": len(rings),
        "threads_later": threads_later,
        "rings_later": len(rings_later),
        "names": sorted({*rings, *rings_later}),
        "why": None,
    }


def clock_ns() -> float:
    """Return what the clock takes, which is once in every single sample."""
    pairs = [perf_counter_ns() - perf_counter_ns() for _ in range(2_000)]
    return -statistics.median(pairs)


RUNS: dict[str, Callable[..., Answer]] = {
    "bursts": bursts,
    "throughput": throughput,
    "throughput-4": throughput,
    "latency": latency,
    "beside": beside,
    "idle": idle,
    "memory": memory,
}


def run(scenario: str, way: str, folder: str | None, **sizes: float) -> Answer:
    """Measure one way in one scenario; the folder for files goes at the end."""
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        place = pathlib.Path(temporary)
        if scenario == "import":
            return imports(way, place)
        answer = RUNS[scenario](Session(way, place), **sizes)
    return answer | {"load": os.getloadavg()[0]}


def main() -> None:
    """Obey one request of background.py."""
    try:
        answer = run(**json.loads(sys.argv[1]))
    except rivals.UnavailableError as error:
        answer = {"unavailable": str(error)}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
