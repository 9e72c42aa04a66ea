"""absl's logging: a Logger class with findCaller, which skips frames by file name."""

import io
import logging
import re
import sys

from absl import flags, logging as absl_logging

logger = logging.getLogger("before.absl")


class Shown(logging.Handler):
    """Prints each record's place."""

    def emit(self, record):
        """Print it."""
        print(record.levelname, record.funcName, record.lineno, record.getMessage())


def wrapper(text):
    """Log for its caller."""
    absl_logging.info(text)


absl_logging.ABSLLogger.register_frame_to_skip(__file__, "wrapper")


def still(text):
    """Return absl's lines without date, time and thread."""
    return re.sub(r"^([IWEFD])\d{4} [\d:.]+ +\d+ ", r"\1 ", text, flags=re.MULTILINE)


def log_all(target):
    """Log in all ways that *target* has."""
    target.debug("debug %d", 1)
    target.info("info")
    target.warning("warning %s", "x")
    target.error("error")
    try:
        int("x")
    except ValueError:
        target.exception("caught %s", "it")


def main():
    """Log through absl's functions, its logger, and ordinary loggers."""
    flags.FLAGS(["program"])
    stream = io.StringIO()
    sys.stderr = io.StringIO()
    absl_logging.use_absl_handler()
    handler = absl_logging.get_absl_handler()
    handler.python_handler.stream = stream
    absl_logging.set_verbosity(absl_logging.DEBUG)
    logging.root.addHandler(Shown())
    print(type(absl_logging.get_absl_logger()).__mro__[1] is logging.Logger)
    log_all(absl_logging)
    log_all(absl_logging.get_absl_logger())
    log_all(logger)
    log_all(logging.getLogger("after.absl"))
    absl_logging.vlog(1, "verbose %d", 1)
    absl_logging.log_every_n(absl_logging.INFO, "every %d", 2, 1)
    absl_logging.log_if(absl_logging.INFO, "if %s", True, "so")
    wrapper("from the wrapper")
    absl_logging.info("with %%, no arguments")
    absl_logging.set_verbosity(absl_logging.WARNING)
    absl_logging.info("hidden")
    absl_logging.set_stderrthreshold("error")
    absl_logging.error("stack", stack_info=True)
    calls = []
    found = absl_logging.get_absl_logger()
    found.callHandlers = calls.append
    absl_logging.error("replaced on the instance")
    del found.callHandlers
    absl_logging.error("and back")
    print(len(calls), calls[0].getMessage())
    print(still(stream.getvalue()))
    print("standard error", still(sys.stderr.getvalue()))
    made = absl_logging.ABSLLogger("made", 10)
    made.addHandler(logging.StreamHandler(sys.stdout))
    made.info("by hand %d", 3)


main()
