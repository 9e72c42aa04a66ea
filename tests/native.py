"""Build `_ring` and `_writer` without Python, and small C programs with them.

`python tests/native.py` compiles every source with warnings as errors; with `NAME.c …`
it builds and runs these programs under each sanitizer.
"""

from __future__ import annotations

import functools
import os
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "fastlog"
#: Where `#include "_ring/ring.h"` and `#include "check.h"` are looked up.
INCLUDE = [f"-I{SOURCE}", f"-I{ROOT / 'tests'}"]
#: The compiler's flags; the first are those of an ordinary build.
SANITIZERS = {
    "plain": ["-O2"],
    "asan": ["-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
    # -Wno-tsan: the fence of ring.h is for systems without membarrier() only
    "tsan": ["-O1", "-fsanitize=thread", "-Wno-tsan", "-Wno-unknown-warning-option"],
}
WARNINGS = ["-Wall", "-Wextra", "-Werror"]
#: How a source is compiled, by its suffix.
LANGUAGES = {
    ".c": [os.environ.get("CC", "gcc"), "-std=c11"],
    ".cpp": [os.environ.get("CXX", "g++"), "-std=c++17"],
}
#: Without a sanitizer for Python: compilers and programs are none of its business.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "LD_PRELOAD"}
#: One race is enough; and no second of sleep before each child's exit.
ENVIRONMENT["TSAN_OPTIONS"] = "halt_on_error=1:atexit_sleep_ms=0"


def sources(*rooms: str) -> list[pathlib.Path]:
    """Return the C and C++ sources of *rooms*."""
    found = (path for room in rooms for path in (SOURCE / room).iterdir())
    return sorted(path for path in found if path.suffix in LANGUAGES)


def programs() -> list[pathlib.Path]:
    """Return the C programs of the tests; each one's `main` returns 0 on success."""
    tests = ROOT / "tests"
    return sorted([*tests.glob("ring/*.c"), *tests.glob("writer/*.c")])


def rooms_of(program: pathlib.Path) -> list[str]:
    """Return what *program* is linked with: the ring stands alone, for one."""
    return ["_ring"] if program.parent.name == "ring" else ["_ring", "_writer"]


def compile_one(
    source: pathlib.Path,
    out: pathlib.Path,
    sanitizer: str,
    define: Mapping[str, str] | None = None,
) -> pathlib.Path:
    """Compile *source* to an object in *out*, with warnings as errors."""
    flags = ["-g", "-fno-omit-frame-pointer", *WARNINGS, *SANITIZERS[sanitizer]]
    flags += [f"-D{name}={value}" for name, value in (define or {}).items()]
    made = out / f"{source.parent.name}-{source.name}.o"
    line = [*LANGUAGES[source.suffix], *flags, *INCLUDE, "-c", source, "-o", made]
    subprocess.run(line, check=True, env=ENVIRONMENT)
    return made


@functools.cache
def kept() -> tempfile.TemporaryDirectory[str]:
    """Return the folder of what this process has compiled; it goes with the process."""
    return tempfile.TemporaryDirectory()


@functools.cache
def compile_room(room: str, sanitizer: str) -> list[pathlib.Path]:
    """Compile the sources of *room*, once in this process."""
    out = pathlib.Path(kept().name, sanitizer)
    out.mkdir(exist_ok=True)
    return [compile_one(source, out, sanitizer) for source in sources(room)]


def build(
    program: pathlib.Path,
    out: pathlib.Path,
    sanitizer: str,
    define: Mapping[str, str] | None = None,
) -> pathlib.Path:
    """Build *program* together with its rooms; return the executable's path.

    With *define*, macros and their values, the rooms are compiled anew with these.
    """
    objects = [compile_one(program, out, sanitizer, define)]
    for room in rooms_of(program):
        if define:
            objects += [compile_one(s, out, sanitizer, define) for s in sources(room)]
        else:
            objects += compile_room(room, sanitizer)
    made = out / program.stem
    line = [LANGUAGES[".cpp"][0], *SANITIZERS[sanitizer], *objects]
    line += ["-pthread", "-lm", "-o", made]
    subprocess.run(line, check=True, env=ENVIRONMENT)
    return made


def run(
    program: pathlib.Path,
    sanitizer: str,
    seconds: float = 120,
    define: Mapping[str, str] | None = None,
    arguments: Iterable[str] = (),
) -> str:
    """Build *program* with *define*, run it with *arguments*; return what it printed.

    Raises:
        subprocess.CalledProcessError: It did not compile, or failed.
        subprocess.TimeoutExpired: It was stopped after *seconds*.
    """
    with tempfile.TemporaryDirectory() as folder:
        made = build(program, pathlib.Path(folder), sanitizer, define)
        done = subprocess.run(
            [made, *arguments],
            cwd=folder,
            env=ENVIRONMENT,
            timeout=seconds,
            check=True,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    return done.stdout


def main() -> None:
    """Compile everything, or run the programs named on the command line."""
    if named := [pathlib.Path(name).resolve() for name in sys.argv[1:]]:
        for program in named:
            for sanitizer in SANITIZERS:
                print(program.name, sanitizer, run(program, sanitizer).strip())
        return
    with tempfile.TemporaryDirectory() as folder:
        for source in [*sources("_ring", "_writer"), *programs()]:
            compile_one(source, pathlib.Path(folder), "plain")


if __name__ == "__main__":
    main()
