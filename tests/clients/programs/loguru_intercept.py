"""loguru's two recipes: InterceptHandler and PropagateHandler."""

import inspect
import logging
import sys

import describe
from loguru import logger as loguru_logger


class InterceptHandler(logging.Handler):
    """The recipe of loguru's README, word for word."""

    def emit(self, record: logging.LogRecord) -> None:
        """Send the record to loguru, with the caller's place."""
        # Get corresponding Loguru level if it exists.
        try:
            level: str | int = loguru_logger.level(record.levelname).name
        except ValueError:
            level = record.levelno

        # Find caller from where originated the logged message.
        frame, depth = inspect.currentframe(), 0
        while frame:
            filename = frame.f_code.co_filename
            is_logging = filename == logging.__file__
            is_frozen = "importlib" in filename and "_bootstrap" in filename
            if depth > 0 and not (is_logging or is_frozen):
                break
            frame = frame.f_back
            depth += 1

        loguru_logger.opt(depth=depth, exception=record.exc_info).log(
            level, record.getMessage()
        )


class OldInterceptHandler(logging.Handler):
    """The recipe of older READMEs, which starts at a fixed depth."""

    def emit(self, record):
        """Send the record to loguru."""
        frame, depth = logging.currentframe(), 2
        while frame and frame.f_code.co_filename == logging.__file__:
            frame = frame.f_back
            depth += 1
        loguru_logger.opt(exception=record.exc_info).log(
            record.levelname, record.getMessage()
        )


class PropagateHandler(logging.Handler):
    """The recipe in the other direction."""

    def emit(self, record):
        """Hand loguru's record to the logger of its name."""
        logging.getLogger(record.name).handle(record)


class Shown(logging.Handler):
    """Prints each record's fields."""

    def emit(self, record):
        """Print them."""
        print(describe.fields(record))


class Overridden(logging.Logger):
    """A logger with Python frames of `logging` below the call."""

    def _log(self, *args, **kwargs):
        """Do as before."""
        super()._log(*args, **kwargs)


def log_all(logger):
    """Log in all ways."""
    logger.debug("below the level")
    logger.info("plain")
    logger.warning("args %s %d", "a", 2)
    logger.log(35, "custom level")
    logger.log(logging.ERROR, "by number")
    try:
        {}["missing"]
    except KeyError:
        logger.exception("caught")
    logging.error("the module's function")
    logging.getLogger("other").critical("propagated")
    logging.LoggerAdapter(logger, {}).warning("by an adapter")


def main():
    """Log to loguru, then from loguru."""
    loguru_logger.remove()
    loguru_logger.add(
        sys.stdout, format="{level} {name}:{function}:{line} {message}", backtrace=False
    )
    logging.basicConfig(handlers=[InterceptHandler()], level=logging.INFO, force=True)
    log_all(logging.getLogger("shop.loguru"))
    logging.setLoggerClass(Overridden)
    log_all(logging.getLogger("shop.overridden"))
    logging.setLoggerClass(logging.Logger)
    logging.root.handlers = [OldInterceptHandler()]
    logging.getLogger("shop.loguru").error("old recipe %s", 1)

    loguru_logger.remove()
    logging.root.handlers = [logging.StreamHandler(sys.stdout), Shown()]
    loguru_logger.add(PropagateHandler(), format="{message}")
    loguru_logger.info("from loguru {}", 1)
    loguru_logger.bind(user="eve").error("bound")
    loguru_logger.add(logging.StreamHandler(sys.stdout), format="<{level}> {message}")
    loguru_logger.warning("a handler as a sink")


main()
