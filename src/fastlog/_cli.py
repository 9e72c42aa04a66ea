"""Commands and arguments of `python -m fastlog`; each calls one function.

`run` puts fastlog in place and then runs a program in this very process, as
`python` itself would have: `sys.argv`, `sys.path`, the `__main__` module, exit
status and tracebacks. `explain` does the same and prints, when the program's main
module has ended, which way the records of its loggers take.

Imports are few on purpose: what is imported here is no longer found in the
program's own folder.
"""

from __future__ import annotations

import builtins
import functools
import importlib.machinery
import importlib.util
import marshal
import os
import signal
import sys
import types
from runpy import _run_module_as_main as run_module_as_main  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import fastlog
from fastlog._core import call_at_bottom

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")
NAME = "python -m fastlog"
HELP = f"""\
usage: {NAME} run [--background] (FILE | -m MODULE | -) [ARGUMENT ...]
       {NAME} explain [--background] [--after SECONDS] [LOGGER ...]
               (FILE | -m MODULE | -) [ARGUMENT ...]
       {NAME} --help | --version

Run a Python program unmodified, with fastlog in place of logging's slow methods.

run      Run FILE (a script, a folder or a zip file with a __main__.py), MODULE,
         or, for "-", what comes on standard input, just as python would.
explain  Run the program too. When its main module has ended (by returning,
         sys.exit(), an exception or Ctrl-C), print for each handler that the
         records of LOGGER reach which way they take, and why. Without LOGGER:
         of the root logger and of all that have handlers. The exit status is
         the program's.

--background
         Have every handler that has a file descriptor write in the background.

--after SECONDS
         Press Ctrl-C after that time, for servers, which do not end by
         themselves.

Processes that the program forks have fastlog too. Those that it starts anew (by
spawn, subprocess or a reloader) have it if they import fastlog themselves.

All that follows the program goes to the program. A LOGGER is a word before the
program that is no file, no folder with a __main__.py, and does not look like one.
"""
USAGE_STATUS = 2
#: How long explain waits for the background writer, before it says what it has to.
EXPLAIN_WAITS_S = 5.0
CANNOT_OPEN_STATUS = 2
PYC_HEADER_SIZE = 16


class Command(NamedTuple):
    """What a command line asks for."""

    name: str
    program: str
    is_module: bool
    arguments: list[str]
    loggers: list[str]
    after_s: float | None
    background: bool


def main(argv: Sequence[str]) -> None:
    """Do what *argv*, the words after `python -m fastlog`, says.

    Raises:
        SystemExit: With status 2 and one line on stderr, for a command line that
            is wrong; else whatever ends the program.

    Source: ours; `logging` has no counterpart.
    """
    if argv and argv[0] in {"-h", "--help", "help"}:
        print(HELP, end="")
    elif argv and argv[0] in {"-V", "--version"}:
        print(f"fastlog {fastlog.__version__}")
    elif command := parse(argv):
        install(command)
        start = run if command.name == "run" else explain
        start(command)
    else:
        print(HELP, end="")


def install(command: Command) -> None:
    """Put fastlog in place as *command* says."""
    try:
        fastlog.install(background=command.background or None)
    except OSError as error:
        raise wrong(f"{command.name}: --background: {error}") from None


def parse(argv: Sequence[str]) -> Command | None:
    """Return what *argv* asks for; None if that is help."""
    if not argv:
        raise wrong(f"no command: use `{NAME} run app.py`, or --help")
    name, *words = argv
    if name not in {"run", "explain"}:
        kind = "option" if name.startswith("-") else "command"
        raise wrong(f"unknown {kind} {name!r}: use run or explain, or --help")
    loggers: list[str] = []
    after_s = None
    background = False

    def command(program: str, rest: list[str], *, is_module: bool) -> Command:
        return Command(name, program, is_module, rest, loggers, after_s, background)

    while words:
        word = words.pop(0)
        if word == "-m":
            if not words:
                raise wrong(f"{name}: -m needs the name of a module, as in -m package")
            return command(words[0], words[1:], is_module=True)
        if word in {"-h", "--help"}:
            return None
        if word == "--background":
            background = True
        elif name == "explain" and word.partition("=")[0] == "--after":
            value = word.partition("=")[2]
            after_s = seconds(value or (words.pop(0) if words else ""))
        elif word.startswith("-") and word != "-":
            raise wrong(
                f"{name}: unknown option {word!r} before the program: "
                "options of the program come after it"
            )
        elif name == "run" or is_program(word):
            return command(word, words, is_module=False)
        else:
            loggers.append(word)
    wanted = f"a program that uses {loggers[0]!r}" if loggers else "a program"
    raise wrong(f"{name}: needs {wanted}: a file such as app.py, or -m package")


def seconds(text: str) -> float:
    """Return *text* as a time span that a timer takes."""
    if not hasattr(signal, "setitimer"):
        raise wrong("explain: --after needs a system with signal.setitimer")
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float(1 << 31):
        raise wrong(
            f"explain: --after needs seconds above 0, as in --after 5, not {text!r}"
        )
    return value


def is_program(word: str) -> bool:
    """Return whether *word* before a program is that program, and no logger."""
    return (
        word == "-"
        or os.sep in word
        or word.endswith((".py", ".pyc", ".pyz", ".zip"))
        or os.path.isfile(word)
        or os.path.isfile(os.path.join(word, "__main__.py"))
    )


def wrong(problem: str) -> SystemExit:
    """Say what is wrong and what to do, on one line; return what ends with it."""
    print(f"{NAME}: {problem}", file=sys.stderr)
    return SystemExit(USAGE_STATUS)


def explain(command: Command) -> None:
    """Run the program of *command* and print the ways of its records."""
    pid = os.getpid()
    stopped = False

    def stop(signum: int, frame: types.FrameType | None) -> None:
        nonlocal stopped
        stopped = True
        # Servers know this signal, and take their workers down with them.
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            raise SystemExit(0)
        signal.raise_signal(signal.SIGINT)

    if command.after_s is not None:
        signal.signal(signal.SIGALRM, stop)
        signal.setitimer(signal.ITIMER_REAL, command.after_s)
    try:
        run(command)
    except KeyboardInterrupt:
        if not stopped:
            raise
    finally:
        if command.after_s is not None:
            signal.setitimer(signal.ITIMER_REAL, 0)
        # A child that the program forked may end here as well.
        if os.getpid() == pid:
            show_explanation(command.loggers)


def show_explanation(names: Sequence[str]) -> None:
    """Print the ways of the records of loggers *names*, after all other output."""
    if sys.stdout is not None:
        sys.stdout.flush()
    fastlog.flush(EXPLAIN_WAITS_S)
    chosen: Sequence[str | None] = names or [None]
    for name in chosen:
        print(fastlog.explain(name).rstrip("\n"), file=sys.__stdout__)
    if sys.__stdout__ is not None:
        sys.__stdout__.flush()


def run(command: Command) -> None:
    """Run the program of *command* as `__main__`, as `python` would."""
    if command.is_module:
        sys.argv[:] = ["-m", *command.arguments]
        new_main_module()
        alone(functools.partial(run_module_as_main, command.program))
        return
    sys.argv[:] = [command.program, *command.arguments]
    if command.program == "-":
        run_standard_input()
    elif is_container(path := absolute(command.program)):
        set_first_path(path, even_if_safe=True)
        new_main_module()
        alone(functools.partial(run_module_as_main, "__main__", False))
    else:
        run_file(path)


def run_standard_input() -> None:
    """Run the text of standard input."""
    set_first_path("")
    source = sys.stdin.buffer.read()
    run_code(new_main_module(__file__="<stdin>"), source)


def run_file(path: str) -> None:
    """Run the script or the compiled module at *path*."""
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        problem = f"can't open file {path!r}: [Errno {error.errno}] {error.strerror}"
        print(f"{sys.orig_argv[0]}: {problem}", file=sys.stderr)
        raise SystemExit(CANNOT_OPEN_STATUS) from None
    set_first_path(os.path.dirname(os.path.realpath(path)))
    is_compiled = path.endswith(".pyc") or content[:4] == importlib.util.MAGIC_NUMBER
    loader = (
        importlib.machinery.SourcelessFileLoader
        if is_compiled
        else importlib.machinery.SourceFileLoader
    )("__main__", path)
    main_module = new_main_module(__file__=path, __loader__=loader)
    run_code(main_module, content, is_compiled=is_compiled)


def run_code(
    main_module: types.ModuleType, content: bytes, *, is_compiled: bool = False
) -> None:
    """Run *content*, source text or a compiled module, as *main_module*."""
    path = main_module.__file__

    def load() -> types.CodeType:
        if not is_compiled:
            code = compile(content, str(path), "exec", dont_inherit=True)
        elif content.startswith(importlib.util.MAGIC_NUMBER):
            code = marshal.loads(content[PYC_HEADER_SIZE:])
        else:
            raise RuntimeError("Bad magic number in .pyc file")
        return code

    alone(functools.partial(exec, alone(load), main_module.__dict__))


def new_main_module(**attributes: object) -> types.ModuleType:
    """Return a `__main__` like that of a fresh interpreter, now in `sys.modules`."""
    main_module = types.ModuleType("__main__")
    content = main_module.__dict__
    content["__loader__"] = importlib.machinery.BuiltinImporter
    if sys.version_info < (3, 14):
        content["__annotations__"] = {}
    content["__builtins__"] = builtins
    if attributes:
        content.update(attributes, __cached__=None)
    sys.modules["__main__"] = main_module
    return main_module


def absolute(path: str) -> str:
    """Return *path* as `python` writes it: absolute, but not normalised."""
    return os.path.join(os.getcwd(), path)


def is_container(path: str) -> bool:
    """Return whether modules can be imported from *path*: a folder, a zip file."""
    for hook in sys.path_hooks:
        try:
            hook(path)
        except ImportError:
            continue
        return True
    return False


def set_first_path(folder: str, *, even_if_safe: bool = False) -> None:
    """Put *folder* where `-m fastlog` left the current one in `sys.path`."""
    if not sys.flags.safe_path:
        sys.path[0] = folder
    elif even_if_safe:
        sys.path.insert(0, folder)


def alone(call: Callable[[], T]) -> T:
    """Return what *call* returns; our frames stay out of its sight and tracebacks."""
    try:
        return call_at_bottom(call)
    except BaseException as error:
        if not isinstance(error, SystemExit) or sys.flags.inspect:
            hide_frames_above(error)
        raise


def hide_frames_above(error: BaseException) -> None:
    """Have the interpreter print *error* without our frames above the program's.

    The interpreter still does the printing, in its own way and by the program's
    own `sys.excepthook`, which is only away until that moment.
    """
    hook = getattr(sys, "excepthook", None)
    shown = error.__traceback__
    while shown and shown.tb_frame.f_code.co_filename == __file__:
        shown = shown.tb_next

    def excepthook(
        kind: type[BaseException],
        value: BaseException,
        traceback: types.TracebackType | None,
    ) -> Any:
        if value is error:
            sys.last_traceback = traceback = value.__traceback__ = shown
        if hook is None:
            del sys.excepthook
            print("sys.excepthook is missing", file=sys.stderr)
            return sys.__excepthook__(kind, value, traceback)
        sys.excepthook = hook
        try:
            return hook(kind, value, traceback)
        except BaseException as failure:
            if failure.__traceback__:
                failure.__traceback__ = failure.__traceback__.tb_next
            raise

    sys.excepthook = excepthook
