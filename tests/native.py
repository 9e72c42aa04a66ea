"""Build `_ring` and `_writer` without Python, and small C programs with them.

`python tests/native.py` compiles every source with warnings as errors; with `NAME.c …`
it builds and runs these programs under each sanitizer.
"""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = ROOT / "src" / "fastlog"
#: What the compiler's `-fsanitize` is given; the empty one is an ordinary build.
SANITIZERS = {"plain": "", "asan": "address,undefined", "tsan": "thread"}
WARNINGS = ["-Wall", "-Wextra", "-Werror"]
#: How a source is compiled, by its suffix.
LANGUAGES = {
    ".c": [os.environ.get("CC", "gcc"), "-std=c11"],
    ".cpp": [os.environ.get("CXX", "g++"), "-std=c++17"],
}
#: Without a sanitizer for Python: compilers and programs are none of its business.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "LD_PRELOAD"}


def sources() -> list[pathlib.Path]:
    """Return the C and C++ sources of both rooms."""
    rooms = (INCLUDE / "_ring", INCLUDE / "_writer")
    return sorted(p for room in rooms for p in room.iterdir() if p.suffix in LANGUAGES)


def programs() -> list[pathlib.Path]:
    """Return the C programs of the tests; each one's `main` returns 0 on success."""
    tests = ROOT / "tests"
    return sorted([*tests.glob("ring/*.c"), *tests.glob("writer/*.c")])


def compile_one(
    source: pathlib.Path, out: pathlib.Path, sanitizer: str
) -> pathlib.Path:
    """Compile *source* to an object in *out*, with warnings as errors."""
    flags = ["-O1", "-g", "-fno-omit-frame-pointer", *WARNINGS]
    if SANITIZERS[sanitizer]:
        flags += [f"-fsanitize={SANITIZERS[sanitizer]}", "-fno-sanitize-recover=all"]
    made = out / f"{source.parent.name}-{source.name}.o"
    line = [*LANGUAGES[source.suffix], *flags, f"-I{INCLUDE}", "-c", source, "-o", made]
    subprocess.run(line, check=True, env=ENVIRONMENT)
    return made


def build(program: pathlib.Path, out: pathlib.Path, sanitizer: str) -> pathlib.Path:
    """Build *program* together with both rooms; return the executable's path."""
    objects = [compile_one(source, out, sanitizer) for source in [program, *sources()]]
    made = out / program.stem
    link = ["-pthread", "-lm", "-o", made]
    if SANITIZERS[sanitizer]:
        link.append(f"-fsanitize={SANITIZERS[sanitizer]}")
    line = [LANGUAGES[".cpp"][0], *objects, *link]
    subprocess.run(line, check=True, env=ENVIRONMENT)
    return made


def run(program: pathlib.Path, sanitizer: str, seconds: float = 120) -> str:
    """Build and run *program*; return what it printed.

    Raises:
        subprocess.CalledProcessError: It did not compile, failed or was stopped.
    """
    with tempfile.TemporaryDirectory() as folder:
        made = build(program, pathlib.Path(folder), sanitizer)
        done = subprocess.run(
            [made],
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
    if named := sys.argv[1:]:
        for name in named:
            for sanitizer in SANITIZERS:
                print(
                    name,
                    sanitizer,
                    run(pathlib.Path(name).resolve(), sanitizer),
                    end="",
                )
        return
    with tempfile.TemporaryDirectory() as folder:
        for source in [*sources(), *programs()]:
            compile_one(source, pathlib.Path(folder), "plain")


if __name__ == "__main__":
    main()
