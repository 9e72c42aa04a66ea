"""Programs that walk or count Python frames around a log call."""

import inspect
import logging
import os
import sys
import types
import warnings

FORMAT = "%(levelname)s %(filename)s:%(lineno)d %(funcName)s %(module)s %(message)s"


class Walker(logging.Handler):
    """Says in which frames it was called, by several programs' methods."""

    def emit(self, record):
        """Print what each method makes of the frames."""
        frame, depth = inspect.currentframe(), 0
        while frame and (depth == 0 or frame.f_code.co_filename == logging.__file__):
            frame = frame.f_back
            depth += 1
        print("loguru:", frame.f_code.co_name, frame.f_lineno)
        frame = sys._getframe()
        while frame.f_globals.get("__name__", "").startswith("logging") or (
            frame.f_code is self.emit.__code__
        ):
            frame = frame.f_back
        print("structlog:", frame.f_code.co_name, frame.f_lineno)
        frame = sys._getframe(1)
        while "logging/__init__." in frame.f_code.co_filename:
            frame = frame.f_back
        print("absl:", frame.f_code.co_name, frame.f_lineno)
        frame = logging.currentframe()
        while os.path.normcase(frame.f_code.co_filename) == logging._srcfile or (
            frame.f_code.co_name == "emit"
        ):
            frame = frame.f_back
        print("_srcfile:", frame.f_code.co_name, frame.f_lineno)
        names = [info.function for info in inspect.stack(0)]
        print("outermost:", names[-3:])


class Counter(logging.Logger):
    """Counts frames upwards from findCaller: _log and the level's method are there."""

    def findCaller(self, stack_info=False, stacklevel=1):
        """Return the fourth frame up, as Twisted does."""
        frame = sys._getframe(3)
        code = frame.f_code
        above = [sys._getframe(i).f_code.co_name for i in (1, 2, 3)]
        return code.co_filename, frame.f_lineno, "/".join(above), None


def helper(logger, level):
    """Log for a caller."""
    logger.warning("stacklevel %d", level, stacklevel=level)
    logger.log(30, "stacklevel %d", level, stacklevel=level)
    try:
        raise KeyError(level)
    except KeyError:
        logger.exception("stacklevel %d", level, stacklevel=level)


def outer(logger):
    """Call the helper at each level."""
    for level in (-1, 0, 1, 2, 3, 4, 50):
        helper(logger, level)


class Place:
    """Logs from methods, lambdas and so on."""

    logging.getLogger("frames").warning("in a class's body")

    def __init__(self, logger):
        """Log from here."""
        self.logger = logger
        logger.info("in __init__")

    @property
    def value(self):
        """Log from a property."""
        self.logger.info("in a property")
        return 1

    def __call__(self, depth):
        """Log from a recursion."""
        if depth:
            return self(depth - 1)
        return self.logger.info("in a recursion", stacklevel=2)


def main():
    """Log from many places."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter(FORMAT))
    logger = logging.getLogger("frames")
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    logger.propagate = False
    logger.info("plain")
    Place(logger).value.bit_length()
    Place(logger)(3)
    (lambda: logger.info("in a lambda"))()
    [logger.info("in a comprehension") for _ in range(1)]
    list(map(logger.info, ["in map"]))
    sorted([2, 1], key=lambda n: logger.info("in a key %d", n) or n)
    outer(logger)
    exec("logger.info('in exec')", {"logger": logger, "__name__": "made"})
    code = compile("logger.info(\n 'in\\n another file',\n)", "other/name.py", "exec")
    exec(code, {"logger": logger})
    eval("logger.info('in eval')")
    exec(compile("logger.info('no suffix')", "", "exec"))
    exec(compile("logger.info('a directory')", "dir/", "exec"))
    logger.info(
        "over several lines %s",
        "x",
        extra={},
    )

    def generator():
        yield logger.info("in a generator")

    list(generator())
    changed = types.FunctionType(
        main.__globals__["helper"].__code__.replace(
            co_name="renamed", co_filename="replaced.py"
        ),
        globals(),
    )
    changed(logger, 1)
    inside = types.FunctionType(
        helper.__code__.replace(co_filename=logging._srcfile), globals()
    )
    inside(logger, 1)
    logger.info("stack\n", stack_info=True)
    logging.addLevelName(22, "NOTE")
    logging.Logger.note = lambda self, msg, *args, **kw: (
        self._log(22, msg, args, **kw) if self.isEnabledFor(22) else None
    )
    logger.note("a level of the user's %d", 1)
    logger.note("its caller", stacklevel=2)
    del logging.Logger.note
    logging.LoggerAdapter(logger, {}).info("adapter")
    warnings.warn_explicit("w", UserWarning, "f.py", 3)
    logger.addHandler(Walker())
    logger.warning("walked")
    helper(logger, 1)
    counter = Counter("counter", logging.INFO)
    counter.handlers = [handler]
    counter.info("counted")
    counter.log(20, "counted")
    counter.error("counted", stacklevel=3)
    try:
        int("x")
    except ValueError:
        counter.exception("counted")
    logger.handlers = [handler]
    logger.findCaller = lambda *args: (
        "up.py",
        0,
        "/".join(sys._getframe(i).f_code.co_name for i in range(4)),
        None,
    )
    logger.info("an instance's findCaller")
    del logger.findCaller
    old, logging._srcfile = logging._srcfile, __file__
    logger.info("this file is taken for logging's")
    logging._srcfile = old
    print(logger.findCaller(), logger.findCaller(False, 1)[2:])
    print(logging.Logger.findCaller.__code__.co_filename == logging.__file__)
    print(os.path.normcase(logging.__file__) == os.path.normcase(logging._srcfile))
    logger.info("at the end")


main()
