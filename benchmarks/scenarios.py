"""What is measured, in words and data. No code runs here, and nothing is timed.

A scenario is one statement in a loop. `rivals.py` says what `logger` is, `measure.py`
builds the loop and times it, `run.py` compares, `report.py` judges the targets.
"""

from __future__ import annotations

import dataclasses
import enum

#: Name of the logger that every scenario uses.
LOGGER = "bench.app"
#: Basename of the generated file whose function holds the loop.
SOURCE = "user_code.py"
FUNCTION = "user_function"

MESSAGE_CALL = 'logger.info("user %s did %d in %.2f", "bob", i, 1.5)'
SHORT = "%(levelname)s %(name)s %(message)s"
DATED = "%(asctime)s %(levelname)s %(name)s %(message)s"
LOCATED = (
    "%(asctime)s %(levelname)s %(name)s %(filename)s:%(lineno)d %(funcName)s"
    " %(message)s"
)

#: Libraries that take part in every scenario, in the order of the tables.
LIBRARIES = ("logging", "picologging", "fastlog")
REFERENCE = "logging"
OURS = "fastlog"


class Handler(enum.Enum):
    """The one handler of the logger; it does not propagate to a parent."""

    NULL = "NullHandler"
    PYTHON = "a subclass of Handler whose emit() reads record.getMessage()"
    FILE = "FileHandler"
    STRINGIO = "StreamHandler on an io.StringIO"


class Way(enum.Enum):
    """The counter of `fastlog._core.counts()` that proves the native way."""

    NO_RECORD = "calls"
    RECORD_FOR_PYTHON = "records"
    BELOW_THRESHOLD = ""


@dataclasses.dataclass(frozen=True)
class AtLeast:
    """fastlog is this many times as fast as *rival*."""

    times: float
    rival: str = REFERENCE


@dataclasses.dataclass(frozen=True)
class AtMost:
    """fastlog costs this many times what *rival* costs, at most."""

    times: float
    rival: str


@dataclasses.dataclass(frozen=True)
class AtMostMore:
    """fastlog costs this many milliseconds more than *rival*, at most."""

    more_ms: float
    rival: str = REFERENCE


Target = AtLeast | AtMost | AtMostMore


@dataclasses.dataclass(frozen=True)
class Scenario:
    """One thing that programs do with a logger.

    Attributes:
        name: What `--only` and the JSON call it.
        says: The row's words in the tables.
        calls: Times the statement runs in one timed loop: a few milliseconds, so that
            some of many loops run through without an interruption.
        statement: The body of the loop; `logger` and the index `i` are local names.
        handler: What the logger has.
        way: The counter that must move in a fastlog process, by one for each call.
        format: The formatter's format; None leaves the handler without a formatter.
        floors: What is measured beside the libraries (see `rivals.FLOORS`).
        function_lines: Lines of the function around the loop, which is near its end.
        targets: What the project promises.
    """

    name: str
    says: str
    calls: int
    statement: str
    handler: Handler
    way: Way
    format: str | None = None
    floors: tuple[str, ...] = ()
    function_lines: int = 0
    targets: tuple[Target, ...] = ()


SCENARIOS = (
    Scenario(
        "disabled",
        says="`debug()` below the threshold, one literal",
        calls=50_000,
        statement='logger.debug("nothing to see here")',
        handler=Handler.STRINGIO,
        way=Way.BELOW_THRESHOLD,
        floors=("empty", "empty-vectorcall"),
        targets=(AtMost(1.4, "empty"), AtLeast(5)),
    ),
    Scenario(
        "disabled-arguments",
        says="`debug()` below the threshold, three arguments",
        calls=50_000,
        statement=MESSAGE_CALL.replace("info", "debug"),
        handler=Handler.STRINGIO,
        way=Way.BELOW_THRESHOLD,
        floors=("empty", "empty-vectorcall"),
        targets=(AtMost(1.4, "empty"), AtLeast(5)),
    ),
    Scenario(
        "null",
        says="`NullHandler`, three arguments",
        calls=2_000,
        statement=MESSAGE_CALL,
        handler=Handler.NULL,
        way=Way.NO_RECORD,
        targets=(AtLeast(20),),
    ),
    Scenario(
        "python-handler",
        says="a handler in Python that reads `record.getMessage()`",
        calls=2_000,
        statement=MESSAGE_CALL,
        handler=Handler.PYTHON,
        way=Way.RECORD_FOR_PYTHON,
        targets=(AtLeast(5),),
    ),
    Scenario(
        "file",
        says="`FileHandler`, date, level, name and message",
        calls=1_000,
        statement=MESSAGE_CALL,
        handler=Handler.FILE,
        way=Way.NO_RECORD,
        format=DATED,
        floors=("write",),
        targets=(AtLeast(5.5),),
    ),
    Scenario(
        "file-located",
        says="the same with file, line and function, in a function of 400 lines",
        calls=1_000,
        statement=MESSAGE_CALL,
        handler=Handler.FILE,
        way=Way.NO_RECORD,
        format=LOCATED,
        floors=("write",),
        function_lines=400,
        targets=(AtLeast(5.5),),
    ),
    Scenario(
        "file-undated",
        says="`FileHandler`, level, name and message",
        calls=1_000,
        statement=MESSAGE_CALL,
        handler=Handler.FILE,
        way=Way.NO_RECORD,
        format=SHORT,
        floors=("write",),
    ),
    Scenario(
        "stringio",
        says="`StreamHandler` on a `StringIO`, date, level, name and message",
        calls=1_000,
        statement=MESSAGE_CALL,
        handler=Handler.STRINGIO,
        way=Way.NO_RECORD,
        format=DATED,
        targets=(AtLeast(5),),
    ),
    Scenario(
        "stringio-message",
        says="`StreamHandler` on a `StringIO`, no formatter",
        calls=1_000,
        statement=MESSAGE_CALL,
        handler=Handler.STRINGIO,
        way=Way.NO_RECORD,
        targets=(AtLeast(5),),
    ),
)


@dataclasses.dataclass(frozen=True)
class ImportScenario:
    """`import NAME` in a fresh interpreter, the whole process from start to end."""

    name: str = "import"
    says: str = "`python -c 'import …'`, the whole process"
    floors: tuple[str, ...] = ("nothing",)
    targets: tuple[Target, ...] = (AtMostMore(15),)


IMPORT = ImportScenario()
BY_NAME = {scenario.name: scenario for scenario in (*SCENARIOS, IMPORT)}
