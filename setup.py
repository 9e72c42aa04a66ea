"""The one extension module and its build flavours; the rest is in pyproject.toml.

`FASTLOG_BUILD` selects the flavour: release (the default), coverage, asan or tsan.
Everything built stays under `build/FLAVOUR-SOABI`, so that nothing is compiled twice.
"""

from __future__ import annotations

import filecmp
import os
import pathlib
import sys
import sysconfig
from typing import Any

import Cython
from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

#: Compiler flags, linker flags and macros of each flavour.
FLAVOURS: dict[str, tuple[list[str], list[str], list[tuple[str, str | None]]]] = {
    "release": (["-O3", "-fno-plt"], [], []),
    "coverage": (["-O0"], [], [("CYTHON_TRACE", "1"), ("CYTHON_TRACE_NOGIL", "1")]),
    "asan": (
        [
            "-O1",
            "-fno-omit-frame-pointer",
            "-fsanitize=address,undefined",
            "-fno-sanitize-recover=undefined",
        ],
        ["-fsanitize=address,undefined"],
        [],
    ),
    "tsan": (
        ["-O1", "-fno-omit-frame-pointer", "-fsanitize=thread"],
        ["-fsanitize=thread"],
        [],
    ),
}
FLAVOUR = os.environ.get("FASTLOG_BUILD") or "release"
if FLAVOUR not in FLAVOURS:
    sys.exit(f"FASTLOG_BUILD={FLAVOUR}: choose one of {', '.join(FLAVOURS)}")

os.chdir(pathlib.Path(__file__).resolve().parent)
SOURCE = pathlib.Path("src/fastlog")
OUT = pathlib.Path("build", f"{FLAVOUR}-{sysconfig.get_config_var('SOABI')}")
#: Cython.Coverage looks for it beside the source, and nowhere else.
GENERATED = SOURCE / "_core.c" if FLAVOUR == "coverage" else OUT / SOURCE / "_core.c"
NATIVE = sorted(
    str(path)
    for room in ("_ring", "_writer")
    for pattern in ("*.c", "*.cpp")
    for path in (SOURCE / room).glob(pattern)
)
#: What each hand-written source is compiled with, beyond the flavour's flags.
STANDARD = {
    ".c": ["-std=c11", "-Wall", "-Wextra"],
    ".cpp": ["-std=c++17", "-Wall", "-Wextra"],
}
DIRECTIVES = {
    "language_level": 3,
    "wraparound": False,
    "cdivision": True,
    "boundscheck": FLAVOUR != "release",
    "linetrace": FLAVOUR == "coverage",
    "auto_pickle": False,
    "autotestdict": False,
}


def inputs(*suffixes: str) -> list[pathlib.Path]:
    """Return `setup.py` and every file of ours with one of *suffixes*."""
    found = (path for path in SOURCE.rglob("*") if path.suffix in suffixes)
    return [pathlib.Path("setup.py"), *sorted(found)]


def is_current() -> bool:
    """Return whether GENERATED is newer than its inputs and made by this Cython."""
    if not GENERATED.exists():
        return False
    with GENERATED.open(encoding="utf-8") as lines:
        if f"Cython {Cython.__version__} " not in lines.readline():
            return False
    newest = max(path.stat().st_mtime for path in inputs(".pyx", ".pxd", ".pxi", ".h"))
    return GENERATED.stat().st_mtime > newest


def object_is_current(obj: str, src: str) -> bool:
    """Return whether *obj* is newer than all the compiler read to make it."""
    rule = pathlib.Path(obj + ".d")
    if not (os.path.exists(obj) and rule.exists()):
        return False
    text = rule.read_text(encoding="utf-8").replace("\\\n", " ")
    needed = [src, "setup.py", *text.partition(": ")[2].split()]
    made = os.stat(obj).st_mtime
    return all(
        os.path.exists(name) and os.stat(name).st_mtime < made for name in needed
    )


class PersistentBuild(build_ext):
    """Keep objects between builds; setuptools uses a temporary folder."""

    def finalize_options(self) -> None:
        """Point every build at OUT."""
        super().finalize_options()
        self.build_temp = str(OUT / "obj")
        if self.editable_mode:
            self.build_lib = str(OUT / "lib")

    def build_extensions(self) -> None:
        """Translate `_core.pyx` if it changed, and choose flags file by file."""
        compile_one = self.compiler._compile

        def compile_if_changed(
            obj: str, src: str, ext: str, cc: Any, extra: list[str], pp: Any
        ) -> None:
            if object_is_current(obj, src):
                return
            flags = STANDARD[ext] if src in NATIVE else []
            extra = [*extra, *flags, "-MMD", "-MF", obj + ".d"]
            compile_one(obj, src, ext, cc, extra, pp)

        self.compiler._compile = compile_if_changed
        core = self.extensions[0]
        if not is_current():
            cythonize(
                Extension(core.name, [str(SOURCE / "_core.pyx")]),
                build_dir=None if FLAVOUR == "coverage" else str(OUT),
                compiler_directives=DIRECTIVES,
                force=True,
                include_path=["src"],
            )
        core.sources = [str(GENERATED), *NATIVE]
        super().build_extensions()

    def copy_extensions_to_source(self) -> None:
        """Replace the module of another flavour, whichever file is newer."""
        place = self.get_finalized_command("build_py").get_package_dir("fastlog")
        name = os.path.basename(self.get_ext_filename("_core"))
        old, new = pathlib.Path(place, name), OUT / "lib" / "fastlog" / name
        if old.exists() and new.exists() and not filecmp.cmp(old, new, shallow=False):
            old.unlink()  # never write into a file that a process has mapped
        super().copy_extensions_to_source()


COMPILE, LINK, MACROS = FLAVOURS[FLAVOUR]
setup(
    ext_modules=[
        Extension(
            "fastlog._core",
            [str(SOURCE / "_core.pyx"), *NATIVE],
            depends=[str(p) for p in inputs(".pxd", ".pxi", ".h")],
            include_dirs=[str(SOURCE)],
            define_macros=MACROS,
            extra_compile_args=["-fvisibility=hidden", *COMPILE],
            extra_link_args=LINK,
        )
    ],
    cmdclass={"build_ext": PersistentBuild},
    options={"build": {"build_base": str(OUT)}},
)
