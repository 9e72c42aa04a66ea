"""What is measured of the background writer, in words and data. No code runs here.

A way is how a line gets from the logger to the file; `background_ways.py` opens it,
`background_measure.py` times it, `background.py` compares, `background_report.py`
judges the limits.
"""

from __future__ import annotations

import dataclasses

#: Three arguments; `who` is a local name that holds a string.
STATEMENT = 'logger.info("user %s did %d in %.2f", who, i, 1.5)'
#: What a line holds behind its date; `logging`'s own lines are held to it as well.
LINE = "INFO bench.app user {who} did {i} in 1.50"
WHO = "bob"

#: Ways and what the tables call them, in the order of the tables.
WAYS = {
    "logging": "`logging`, `FileHandler`",
    "queue": "`logging`, `QueueHandler` and `QueueListener`",
    "picologging": "picologging, `FileHandler`",
    "picologging-queue": "picologging, `QueueHandler` and `QueueListener`",
    "fastlog": "fastlog, `FileHandler`",
    "background": "fastlog, `FileHandler(background=True)`",
    "nothing": "no call: clock, machine and its other programs",
}
OURS = "background"

MIB = 2**20


@dataclasses.dataclass(frozen=True)
class Figure:
    """One number of a scenario; a process gives one, a row the best, median and worst.

    Attributes:
        name: What the JSON calls it.
        says: The column's words.
        unit: `ns`, `lines/s`, `%` of a core, `MiB`, or nothing for a count.
        more_is_better: Which end of the processes is the best one.
        judged: Which process a limit is held against. The best one, as in run.py: what
            else runs on the machine only ever adds. The worst one where it adds
            nothing. The median where what is measured is itself a matter of chance.
    """

    name: str
    says: str
    unit: str
    more_is_better: bool = False
    judged: str = "best"


@dataclasses.dataclass(frozen=True)
class AtMost:
    """The figure is at most this, in its unit."""

    figure: str
    limit: float
    way: str = OURS


@dataclasses.dataclass(frozen=True)
class AtLeast:
    """The figure is at least this, in its unit."""

    figure: str
    limit: float
    way: str = OURS


@dataclasses.dataclass(frozen=True)
class Times:
    """Another way's figure is at least so many times ours."""

    figure: str
    times: float
    against: str


Limit = AtMost | AtLeast | Times


@dataclasses.dataclass(frozen=True)
class Scenario:
    """One question about the writer.

    Attributes:
        name: What `--only` and the JSON call it.
        says: A sentence for the tables.
        ways: Who takes part.
        figures: What one process answers with.
        limits: What the project promises.
        sizes: How much of it there is: calls, bursts, threads, seconds.
        slow: Other sizes for ways that would take minutes.
        rounds: At most so many processes of each way.
        checks_text: Whether each line of the file is looked at.
        at_once: All ways at the same time: they do nothing but wait.
    """

    name: str
    says: str
    ways: tuple[str, ...]
    figures: tuple[Figure, ...]
    limits: tuple[Limit, ...]
    sizes: dict[str, float]
    slow: dict[str, dict[str, float]] = dataclasses.field(default_factory=dict)
    rounds: int = 99
    checks_text: bool = True
    at_once: bool = False


FILES = ("logging", "queue", "picologging", "picologging-queue", "fastlog", OURS)
OWN = ("logging", "queue", OURS)
TO_DISK = (
    Figure("lines_per_s", "lines to disk, flush included", "lines/s", True),
    Figure("call_ns", "a call, loop included", "ns"),
    Figure("writer_ns", "CPU time of the writing thread, a line", "ns"),
    Figure("process_ns", "CPU time of the process, a line", "ns"),
)
LATENCIES = (
    Figure("p50", "p50", "ns"),
    Figure("p99", "p99", "ns"),
    Figure("p999", "p99.9", "ns"),
    Figure("max", "slowest", "ns"),
    Figure("rate", "calls a second", "", more_is_better=True),
)
FEWER = {"lines": 200_000}

SCENARIOS = (
    Scenario(
        "bursts",
        says="a call in bursts of 2,000, with a pause until all is written",
        ways=FILES,
        figures=(
            Figure("median_ns", "a call, median burst", "ns"),
            Figure("min_ns", "a call, fastest burst", "ns"),
        ),
        limits=(AtMost("median_ns", 150), Times("median_ns", 80, "queue")),
        sizes={"calls": 2_000, "bursts": 100},
        slow={"queue": {"bursts": 40}, "picologging-queue": {"bursts": 40}},
    ),
    Scenario(
        "throughput",
        says="as fast as one thread can",
        ways=FILES,
        figures=TO_DISK,
        limits=(AtLeast("lines_per_s", 3e6), AtMost("writer_ns", 250)),
        sizes={"lines": 1_000_000, "threads": 1},
        slow=dict.fromkeys(set(FILES) - {OURS, "fastlog"}, FEWER),
    ),
    Scenario(
        "throughput-4",
        says="as fast as four threads can",
        ways=(*OWN, "fastlog"),
        figures=TO_DISK,
        limits=(AtLeast("lines_per_s", 2.5e6), AtMost("writer_ns", 250)),
        sizes={"lines": 1_000_000, "threads": 4},
        slow=dict.fromkeys(("logging", "queue"), FEWER),
    ),
    Scenario(
        "latency",
        says="single calls at 20,000 a second for ten seconds",
        ways=(*OWN, "fastlog", "nothing"),
        figures=LATENCIES,
        limits=(AtMost("p999", 10_000),),
        sizes={"rate": 20_000, "seconds": 10},
        rounds=3,
    ),
    Scenario(
        "beside",
        says="single calls beside a thread that computes in Python",
        ways=(*OWN, "fastlog", "nothing"),
        figures=tuple(
            dataclasses.replace(figure, judged="median") for figure in LATENCIES[:-1]
        ),
        limits=(Times("p99", 100, "logging"),),
        sizes={"calls": 1_000},
    ),
    Scenario(
        "idle",
        says="no record for a minute, after a burst",
        ways=OWN,
        figures=(
            Figure("core_percent", "CPU time of the process", "%", judged="worst"),
        ),
        limits=(AtMost("core_percent", 0.1),),
        sizes={"calls": 2_000, "seconds": 60},
        rounds=1,
        at_once=True,
    ),
    Scenario(
        "memory",
        says="a million records, each message another one, lines of up to 8 KiB",
        ways=("logging", "fastlog", OURS),
        figures=(
            Figure(
                "first_mib",
                "more memory of its own after the first record",
                "MiB",
                judged="worst",
            ),
            Figure("last_mib", "after the last one", "MiB", judged="worst"),
            Figure(
                "beside_ring_mib", "the same without the ring", "MiB", judged="worst"
            ),
            Figure(
                "last_rss_mib",
                "more RSS, which counts the ring twice",
                "MiB",
                judged="worst",
            ),
        ),
        limits=(AtMost("beside_ring_mib", 4),),
        sizes={"lines": 1_000_000},
        slow={"logging": FEWER},
        rounds=2,
    ),
    Scenario(
        "import",
        says="after `import`, before any record",
        ways=("logging", OURS),
        figures=(
            Figure("threads", "threads", "", judged="worst"),
            Figure("rings", "mappings of a ring", "", judged="worst"),
            Figure(
                "threads_later",
                "threads after a record in the background",
                "",
                judged="worst",
            ),
            Figure(
                "rings_later",
                "mappings after a record in the background",
                "",
                judged="worst",
            ),
        ),
        limits=(
            AtMost("threads", 1),
            AtMost("rings", 0),
            # These two show that the counting finds what there is.
            AtLeast("threads_later", 2),
            AtLeast("rings_later", 1),
        ),
        sizes={},
        rounds=1,
        checks_text=False,
    ),
)
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
