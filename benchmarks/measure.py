"""Clock, pinning, warm-up, percentiles; nanoseconds. One process measures one rival.

`python measure.py JSON` prints a JSON object; `run.py` starts it. The work is the same
for every rival, the collector is off while the clock runs, and an empty loop of the
same length is measured beside every loop, so that a call's cost is without it.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import pathlib
import platform
import shlex
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

import rivals
import scenarios

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scenarios import Scenario

    Loop = Callable[[range], int]

HERE = pathlib.Path(__file__).parent
#: Loops before the clock counts.
WARM_UPS = 3
#: Calls timed one by one, for the percentiles.
SINGLE = 5_000


def make_loop(statement: str, names: dict[str, Any], lines: int = 0) -> Loop:
    """Return a function that runs *statement* once per index and returns nanoseconds.

    *names* are local in it. With *lines*, the function has that many, the loop at its
    end, so that a line number is as far down its table as in a long function.
    """
    head = f"def {scenarios.FUNCTION}(times, {', '.join(f'{n}={n}' for n in names)}):"
    loop = [
        "    start = clock()",
        "    for i in times:",
        f"        {statement}",
        "    return clock() - start",
    ]
    padding: list[str] = []
    if lines:
        padding = ["    if not times:"]
        missing = lines - len(loop) - 2
        padding += [f"        unused = [{n}, {n} + 1]" for n in range(missing)]
    source = "\n".join([head, *padding, *loop])
    namespace: dict[str, Any] = {"clock": perf_counter_ns, **names}
    namespace["__name__"] = "user_code"
    exec(compile(source, scenarios.SOURCE, "exec"), namespace)
    function: Loop = namespace[scenarios.FUNCTION]
    return function


@contextlib.contextmanager
def quiet_collector() -> Iterator[None]:
    """Keep the garbage collector out of what is timed."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def percentiles(samples: list[int]) -> dict[str, float]:
    """Return median and 99th percentile of single calls."""
    cuts = statistics.quantiles(samples, n=100)
    return {"p50": statistics.median(samples), "p99": cuts[98]}


def open_bench(
    rival: str, scenario: Scenario, folder: pathlib.Path, library: str | None
) -> rivals.Bench | rivals.WriteFloor | rivals.EmptyFloor:
    """Open *scenario* with a library or as a floor."""
    if rival == "write":
        return rivals.WriteFloor(scenario, folder)
    if rival in ("empty", "empty-vectorcall"):
        return rivals.EmptyFloor(scenario, pathlib.Path(str(library)), rival)
    return rivals.Bench(rivals.load(rival), scenario, folder)


def measure(
    rival: str,
    scenario: Scenario,
    *,
    folder: str | None = None,
    library: str | None = None,
    scale: float = 1.0,
    repeats: int = 40,
) -> dict[str, Any]:
    """Measure one scenario with one rival in this process.

    Returns:
        `loop_ns` and `empty_ns`, one sample per repeat for `calls` calls; for libraries
        also `text` (what a fixed number of records wrote) and, for fastlog, how much
        its counters moved while the clock ran.
    """
    calls = max(10, int(scenario.calls * scale))
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        bench = open_bench(rival, scenario, pathlib.Path(temporary), library)
        loop = make_loop(bench.statement, bench.names, scenario.function_lines)
        empty = make_loop("pass", bench.names)
        warm_up = range(max(10, calls))
        for _ in range(WARM_UPS):
            loop(warm_up)
            empty(warm_up)
        library_bench = bench if isinstance(bench, rivals.Bench) else None
        before = library_bench.counts() if library_bench else None
        loop_ns, empty_ns = [], []
        with quiet_collector():
            for _ in range(repeats):
                loop_ns.append(loop(range(calls)))
                empty_ns.append(empty(range(calls)))
        after = library_bench.counts() if library_bench else None
        found: dict[str, Any] = {
            "calls": calls,
            "loop_ns": loop_ns,
            "empty_ns": empty_ns,
        }
        if before is not None and after is not None and library_bench is not None:
            found["counted"] = {key: after[key] - before[key] for key in after}
            found["native"] = library_bench.is_native()
        if scenario.way is not scenarios.Way.BELOW_THRESHOLD:
            singles = max(100, int(SINGLE * scale))
            with quiet_collector():
                one = [loop(range(i, i + 1)) for i in range(singles)]
                none = [empty(range(i, i + 1)) for i in range(singles)]
            found["single_ns"] = percentiles(one)
            found["clock_ns"] = percentiles(none)["p50"]
        if library_bench is not None:
            found["text"] = library_bench.text(loop)
        bench.close()
    return found


def build_empty(folder: pathlib.Path) -> pathlib.Path:
    """Build `empty.c` for the running interpreter, with its own compiler flags.

    Raises:
        subprocess.CalledProcessError: The compiler failed; its words are on stderr.
    """
    variables = sysconfig.get_config_vars()
    library = folder / f"empty{variables['EXT_SUFFIX']}"
    command = [
        *shlex.split(os.environ.get("CC") or variables["CC"]),
        *shlex.split(variables["CFLAGS"]),
        *shlex.split(variables["CCSHARED"]),
        "-shared",
        f"-I{sysconfig.get_path('include')}",
        str(HERE / "empty.c"),
        "-o",
        str(library),
    ]
    subprocess.run(command, check=True)
    return library


def probe() -> dict[str, Any]:
    """Return what this interpreter is and which libraries it has."""
    return {
        "implementation": platform.python_implementation(),
        "python": platform.python_version(),
        "compiler": platform.python_compiler(),
        "gil": not sysconfig.get_config_var("Py_GIL_DISABLED"),
        "packages": {name: rivals.version(name) for name in scenarios.LIBRARIES},
    }


def main() -> None:
    """Obey one request of run.py."""
    request = json.loads(sys.argv[1])
    match request.pop("do"):
        case "probe":
            answer: Any = probe()
        case "build":
            answer = str(build_empty(pathlib.Path(request["folder"])))
        case "measure":
            scenario = scenarios.BY_NAME[request.pop("scenario")]
            try:
                answer = measure(request.pop("rival"), scenario, **request)
            except rivals.UnavailableError as error:
                answer = {"unavailable": str(error)}
        case what:
            raise ValueError(what)
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
