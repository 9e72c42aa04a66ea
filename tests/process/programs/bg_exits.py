# ruff: noqa: E402
"""Ends of a process, one scenario each: `bg_exits.py SCENARIO FOLDER`.

Each logs and ends at once, while records are still on their way. Runs on plain
`logging` too: files, output and exit status are compared.
"""

import atexit
import contextlib
import gc
import os
import pathlib
import signal
import subprocess
import sys
import threading
import types
import weakref

import kit

LINES = 3000
scenario, folder = sys.argv[1], pathlib.Path(sys.argv[2])


def early():
    """Log from a function that was registered before `logging` was imported."""
    late_log = sys.modules["logging"].getLogger("app")
    late_log.info(kit.LINE, "early-hook", 0, "at exit")


if scenario == "hooks":
    atexit.register(early)

import logging

log = logging.getLogger("app")
path = folder / "app.log"


def some(who="main", start=0, count=LINES):
    """Log some lines."""
    for number in range(start, start + count):
        log.info(kit.LINE, who, number, "before the end")


def leave():
    """Keep the counters, as some ends leave no time for them."""
    kit.leave(folder / "facts.json")


def end():
    """Just end."""
    some()


def sys_exit():
    """Exit with a status."""
    some()
    sys.exit(3)


def message():
    """Exit with a message."""
    some()
    sys.exit("no more")


def exception():
    """End by an exception."""
    some()
    raise LookupError("unhandled")


def interrupt():
    """End by the exception of SIGINT, which then kills the process."""
    some()
    signal.raise_signal(signal.SIGINT)


def terminated():
    """End by SIGTERM, through a handler that exits."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(9))
    some()
    os.kill(os.getpid(), signal.SIGTERM)
    signal.pause()


def underscore_exit():
    """End with os._exit."""
    some()
    os._exit(4)


def exit_from_thread():
    """End with os._exit from a thread, while the main thread waits."""

    def work():
        some("thread")
        os._exit(5)

    some()
    threading.Thread(target=work).start()
    threading.Event().wait()


def abort():
    """End by abort."""
    some()
    os.abort()


def execute(call, *args):
    """Become another program, which writes after all of ours."""
    some()
    code = f"open({str(path)!r}, 'a').write('INFO other 0 after exec\\n')"
    program = [sys.executable, "-c", code]
    sys.stdout.flush()
    call(sys.executable, *(program if args == ("l",) else [program]))


def execve():
    """The same with an environment."""
    execute(lambda file, args: os.execve(file, args, os.environ))


def execvp():
    """The same, found along the path."""
    execute(os.execvp)


def exec_in_thread():
    """The same from a thread."""
    thread = threading.Thread(target=execute, args=(os.execv,))
    thread.start()
    thread.join()


def exec_fails():
    """A program that is not there: log on."""
    some()
    for arguments in ([folder / "none", ["none"]], [sys.executable, []], []):
        try:
            os.execv(*arguments)
        except (OSError, ValueError, TypeError) as error:
            print(type(error).__name__)
    some(start=LINES)


def shutdown():
    """Log after logging.shutdown() too; plain FileHandlers open their file again."""
    some()
    logging.shutdown()
    print(path.read_text().count("\n"))
    some(start=LINES, count=10)
    logging.shutdown()


def hooks():
    """Log in functions that run at exit, in a thread that outlives the main one."""
    main_ended = threading.Event()

    def work():
        main_ended.wait()
        some("thread")

    threading.Thread(target=work).start()
    threading._register_atexit(main_ended.set)
    atexit.register(some, "late-hook", 0, 100)
    weakref.finalize(log, some, "finalizer", 0, 100)
    some()


def exits_at_exit():
    """An exit function that ends with os._exit."""

    def leave_at_once():
        some("hook")
        os._exit(7)

    atexit.register(leave_at_once)
    some()


def excepthooks():
    """Hooks of the interpreter log what nobody handles."""

    class Bad:
        """Raises when it dies."""

        def __del__(self):
            """Raise."""
            raise ValueError("unraisable")

    def fail():
        raise KeyError("in a thread")

    sys.excepthook = lambda kind, value, _: log.error(
        kit.LINE, "excepthook", 0, f"{kind.__name__} {value}"
    )
    threading.excepthook = lambda args: log.error(
        kit.LINE, "threadhook", 0, args.exc_type.__name__
    )
    sys.unraisablehook = lambda args: log.error(
        kit.LINE, "unraisable", 0, args.exc_type.__name__
    )
    some()
    Bad()
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    raise LookupError("unhandled")


class Dying:
    """Logs when it dies."""

    def __init__(self, who, log=log, line=kit.LINE):
        """Keep what a module that is torn down no longer has."""
        self.who, self.log, self.line = who, log, line

    def __del__(self):
        """Log."""
        self.log.info(self.line, self.who, 0, "dies late")


def teardown():
    """Objects log while modules are torn down, alone and in a cycle."""
    gc.disable()
    module = types.ModuleType("holder")
    sys.modules["holder"] = module
    module.thing = Dying("in-module")
    module.cycle = Dying("in-cycle")
    module.cycle.own = module.cycle
    globals()["kept"] = Dying("in-main")
    globals()["kept_cycle"] = Dying("main-cycle")
    globals()["kept_cycle"].own = globals()["kept_cycle"]
    sys.kept = Dying("in-sys")
    some()


def daemon():
    """A daemon thread logs all the way through finalisation."""
    logged = threading.Event()

    def work():
        number = 0
        while True:
            log.info(kit.LINE, "daemon", number, "in a daemon thread")
            number += 1
            if number == LINES:
                logged.set()

    threading.Thread(target=work, daemon=True).start()
    logged.wait()
    some()
    atexit.register(some, "late-hook")


def closes():
    """The last thing a program does is close its handler, or its stream."""
    some()
    log.handlers[0].close()
    print(path.read_text().count("\n"))


def stream_closes():
    """The stream is closed, the handler never."""
    opened = open(folder / "stream.log", "w")  # noqa: SIM115
    kit.stream(opened, "app")
    some()
    opened.close()
    with contextlib.suppress(ValueError):
        opened.fileno()


def dead_handler():
    """The handler is gone before its records are written."""
    some()
    log.handlers.clear()
    gc.collect()
    kit.file(folder / "next.log", "app")
    some("next")


def in_a_child():
    """Start a program that logs and ends in the same way; its status comes back."""
    some()
    code = f"import os; open({str(path)!r}, 'a').write('INFO child 0 x\\n')"
    log.handlers[0].flush()
    print(subprocess.run([sys.executable, "-c", code], check=True).returncode)
    some(start=LINES)


SCENARIOS = {
    "end": end,
    "sys-exit": sys_exit,
    "message": message,
    "exception": exception,
    "interrupt": interrupt,
    "terminated": terminated,
    "os-exit": underscore_exit,
    "exit-from-thread": exit_from_thread,
    "abort": abort,
    "execv": lambda: execute(os.execv),
    "execl": lambda: execute(os.execl, "l"),
    "execve": execve,
    "execvp": execvp,
    "exec-in-thread": exec_in_thread,
    "exec-fails": exec_fails,
    "shutdown": shutdown,
    "hooks": hooks,
    "exits-at-exit": exits_at_exit,
    "excepthooks": excepthooks,
    "teardown": teardown,
    "daemon": daemon,
    "closes": closes,
    "stream-closes": stream_closes,
    "dead-handler": dead_handler,
    "in-a-child": in_a_child,
}


def main():
    """Prove the way with some records, then run the scenario."""
    kit.watch()
    kit.file(path, "app")
    some("first", count=10)
    leave()
    SCENARIOS[scenario]()


main()
