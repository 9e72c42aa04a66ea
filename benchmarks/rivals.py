"""One adapter per library; all must write the same bytes.

A rival is opened in a process of its own and imports nothing of the others
(picologging imports `logging` by itself, and fastlog is `logging`).
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.machinery
import importlib.metadata
import importlib.util
import io
import logging
import os
import re
import sys
from typing import TYPE_CHECKING, Any

import scenarios
from scenarios import Handler, Scenario

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable, Iterator

#: What the tables say about each rival that is no library.
FLOORS = {
    "empty": "an empty C method, `METH_FASTCALL` and `METH_KEYWORDS`",
    "empty-vectorcall": "an empty C descriptor of a type of one's own",
    "write": "`os.write` of the same line",
    "nothing": "`python -c pass`",
}
DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}")
#: Records whose bytes are compared.
CHECKED = 100


class UnavailableError(Exception):
    """The library cannot be imported here; the text says why."""


def load(rival: str) -> Any:
    """Import a library by its name in the tables, and make sure that it is alone.

    Raises:
        UnavailableError: It is not installed here.
        RuntimeError: The process that measures it has imported another one.
    """
    try:
        module = importlib.import_module(rival)
    except ImportError as error:
        raise UnavailableError(str(error)) from None
    others = {"fastlog", "picologging"} - {rival}
    if foreign := others & {name.partition(".")[0] for name in sys.modules}:
        raise RuntimeError(f"{rival} is not alone: {', '.join(sorted(foreign))}")
    return module


def version(rival: str) -> str | None:
    """Return the version of an installed library; the interpreter's for `logging`."""
    if rival == scenarios.REFERENCE:
        return sys.version.partition(" ")[0]
    try:
        return importlib.metadata.version(rival)
    except importlib.metadata.PackageNotFoundError:
        return None


class Bench:
    """A scenario opened with one library: its logger, and what it wrote.

    Attributes:
        statement: The body of the loop.
        names: The local names that the statement uses.
    """

    def __init__(self, module: Any, scenario: Scenario, folder: pathlib.Path) -> None:
        """Make the logger of a library from `load`; nothing is logged yet."""
        self.module = module
        self.scenario = scenario
        self.path = folder / "bench.log"
        self.stream = io.StringIO()
        self.handler = self._handler()
        if scenario.format is not None:
            self.handler.setFormatter(module.Formatter(scenario.format))
        self.logger = module.getLogger(scenarios.LOGGER)
        self.logger.setLevel(module.INFO)
        self.logger.propagate = False
        # A test runner adds its own to a logger that it knows and that stands alone.
        for handler in list(self.logger.handlers):
            self.logger.removeHandler(handler)
        self.logger.addHandler(self.handler)
        self.statement = scenario.statement
        self.names: dict[str, Any] = {"logger": self.logger}

    def _handler(self) -> Any:
        match self.scenario.handler:
            case Handler.NULL:
                return self.module.NullHandler()
            case Handler.FILE:
                return self.module.FileHandler(str(self.path))
            case Handler.STRINGIO:
                return self.module.StreamHandler(self.stream)
            case Handler.PYTHON:

                class Reader(self.module.Handler):  # type: ignore[name-defined]
                    """What a program's own handler looks like."""

                    def emit(self, record: Any) -> None:
                        """Read the message, as a handler that ships it would."""
                        self.text = record.getMessage()

                return Reader()

    def close(self) -> None:
        """Take the handler off the logger and close it."""
        self.logger.removeHandler(self.handler)
        self.handler.close()

    def counts(self) -> dict[str, int] | None:
        """Return fastlog's counters; None for the others."""
        core = getattr(self.module, "_core", None)
        return None if core is None else dict(core.counts())

    def is_native(self) -> bool:
        """Return whether fastlog's own methods are in place in `logging`."""
        return type(self.module.Logger.__dict__["debug"]) is not type(load)

    def text(self, loop: Callable[[range], int]) -> str:
        """Run the loop for a fixed number of records and return what they wrote.

        A call below the threshold must write nothing: one record above it follows. A
        NullHandler gets company for the check. Digits of dates are made equal.
        """
        handler = self.scenario.handler
        if handler is Handler.PYTHON:
            lines = []
            for i in range(CHECKED):
                loop(range(i, i + 1))
                lines.append(f"{self.handler.text}\n")
            return "".join(lines)
        if handler is Handler.FILE:
            before = self.path.stat().st_size
            loop(range(CHECKED))
            written = self.path.read_bytes()[before:]
            return normalise(written.decode("utf-8", "backslashreplace"))
        with self._company() if handler is Handler.NULL else contextlib.nullcontext():
            before = len(self.stream.getvalue())
            loop(range(CHECKED))
            if self.scenario.way is scenarios.Way.BELOW_THRESHOLD:
                self.logger.info("above the threshold")
            return normalise(self.stream.getvalue()[before:])

    @contextlib.contextmanager
    def _company(self) -> Iterator[None]:
        handler = self.module.StreamHandler(self.stream)
        self.logger.addHandler(handler)
        try:
            yield
        finally:
            self.logger.removeHandler(handler)


class WriteFloor:
    """The same line as `logging`'s, by `os.write` alone: nothing can be faster."""

    def __init__(self, scenario: Scenario, folder: pathlib.Path) -> None:
        """Let `logging` write one line, and keep it."""
        bench = Bench(logging, scenario, folder)
        bench.logger.info("user %s did %d in %.2f", "bob", scenario.calls - 1, 1.5)
        bench.close()
        self.fd = os.open(bench.path, os.O_WRONLY | os.O_APPEND)
        self.statement = "write(fd, line)"
        line = bench.path.read_bytes()
        self.names: dict[str, Any] = {"write": os.write, "fd": self.fd, "line": line}

    def close(self) -> None:
        """Close the file."""
        os.close(self.fd)


class EmptyFloor:
    """A method in C that does nothing, in the place of `Logger.debug`."""

    def __init__(self, scenario: Scenario, library: pathlib.Path, kind: str) -> None:
        """Load the extension that `measure.build_empty` built, and make an object.

        The object is, as a logger, of a class in Python and has a logger's attributes.
        """
        loader = importlib.machinery.ExtensionFileLoader("empty", str(library))
        spec = importlib.util.spec_from_loader("empty", loader)
        assert spec is not None
        empty = importlib.util.module_from_spec(spec)
        loader.exec_module(empty)
        self.statement = scenario.statement
        cls: Any = type("EmptyLogger", (), {})
        cls.debug = empty.method_of(cls) if kind == "empty" else empty.Descriptor()
        target = cls()
        # One by one: an instance's dict, once asked for, makes every call slower.
        for name, value in vars(logging.Logger(scenarios.LOGGER)).items():
            setattr(target, name, value)
        self.names: dict[str, Any] = {"logger": target}

    def close(self) -> None:
        """Nothing is open."""


def normalise(text: str) -> str:
    """Return *text* with the digits of every date made equal."""
    return DATE.sub("0000-00-00 00:00:00,000", text)
