"""Every check a change must pass, by name: `nox -s lint`, or `make lint`.

Sessions run in the environment that nox is in: `pip install -e . --group dev`.
"""

import os
import pathlib
import subprocess
import sys

import nox

nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "types", "sanitize", "tests"]
os.environ["PATH"] = f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"
#: Under the address sanitizer: not what forks beside threads, its locks do not settle.
SANITIZED = ["tests/caller", "tests/surface/test_install.py"]
ENDS = "odd_moments threads background_exit background_full background_sinks"
SANITIZED += [f"tests/process/test_{name}.py" for name in ENDS.split()]


def python(session: nox.Session, *args: str, **env: str) -> None:
    """Run `python ARGS` with *env* added."""
    session.run(sys.executable, *args, env=env)


def files(*patterns: str) -> list[str]:
    """Return the hand-written files that match *patterns*."""
    found = (p for pattern in patterns for p in pathlib.Path().glob(pattern))
    return sorted(str(path) for path in found if path.name != "_core.c")


def flavour(session: nox.Session, name: str) -> str:
    """Build *name* beside the installed module; return where to import it from."""
    place = pathlib.Path("build", f"{name}-site").resolve()
    options = ["--no-deps", "--no-build-isolation", "--upgrade", "--quiet"]
    args = ["-m", "pip", "install", *options, "--target", str(place), "."]
    python(session, *args, FASTLOG_BUILD=name)
    return str(place)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests; what follows `--` goes to pytest."""
    python(session, "-m", "pytest", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Look at the style of Python, Cython and C, and at the compilers' warnings."""
    python(session, "-m", "ruff", "check")
    python(session, "-m", "ruff", "format", "--check")
    ours = files("src/**/*.pyx", "src/**/*.pxd", "src/**/*.pxi")
    session.run("cython-lint", *ours)
    ours = files("src/**/*.[ch]", "src/**/*.cpp", "tests/*/*.[ch]", "benchmarks/*.c")
    session.run("clang-format", "--dry-run", "--Werror", *ours)
    out = pathlib.Path("build", "lint")
    out.mkdir(parents=True, exist_ok=True)
    cython = ["cython", "-3", "-Wextra", "-Werror", "-I", "src"]
    session.run(*cython, "-o", str(out / "_core.c"), "src/fastlog/_core.pyx")
    python(session, "tests/native.py")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types, and the stubs against the built module."""
    python(session, "-m", "mypy")
    stubtest = ["-m", "mypy.stubtest", "--mypy-config-file", "pyproject.toml"]
    stubtest += ["--allowlist", "tests/typing/stubtest.txt"]
    python(session, *stubtest, "fastlog", MYPYPATH="src")


@nox.session
def sanitize(session: nox.Session) -> None:
    """Run what reaches all of the native code on a build with sanitizers."""
    library = subprocess.check_output(["gcc", "-print-file-name=libasan.so"], text=True)
    env = {"LD_PRELOAD": os.path.realpath(library.strip()), "PYTHONMALLOC": "malloc"}
    env |= {"ASAN_OPTIONS": "detect_leaks=0", "PYTHONPATH": flavour(session, "asan")}
    env["FASTLOG_EXAMPLES"] = "500"  # each takes several times as long
    python(session, "-m", "pytest", *SANITIZED, *session.posargs, **env)


@nox.session
def coverage(session: nox.Session) -> None:
    """Measure which lines of Python and Cython the tests reach (CPython 3.11)."""
    run = ["-m", "coverage", "run", "-m", "pytest", *session.posargs]
    python(session, *run, PYTHONPATH=flavour(session, "coverage"))
    python(session, "-m", "coverage", "report")


@nox.session
def docs(session: nox.Session) -> None:
    """Run every example in the documentation."""
    python(session, "-m", "pytest", "tests/test_docs.py")


@nox.session
def bench(session: nox.Session) -> None:
    """Measure fastlog against `logging` and its rivals."""
    python(session, "benchmarks/run.py", *session.posargs)
