"""assertLogs and assertNoLogs in a real unittest run."""

import logging
import re
import sys
import unittest

import describe

logger = logging.getLogger("app.mail")


class Cases(unittest.TestCase):
    """What assertLogs collects, and what it says when it collects nothing."""

    def test_1_records(self):
        """The records and their formatted form are the standard library's."""
        with self.assertLogs() as seen:
            logger.info("to %s", "eve")
            logger.error("code %d %r", 7, "x", extra={"user": 3})
            logger.debug("below the level")
        print(seen.output)
        print(*map(describe.fields, seen.records), sep="\n")

    def test_2_named(self):
        """Only the named logger is watched, at the level asked for."""
        with self.assertLogs("app", "DEBUG") as seen:
            logger.debug("child")
            logging.getLogger("app").log(5, "too low")
            logging.getLogger("elsewhere").critical("not here")
        print(seen.output)

    def test_3_logger_object(self):
        """A logger object serves as well as its name; its state comes back."""
        handler = logging.NullHandler()
        logger.addHandler(handler)
        before = logger.handlers, logger.propagate, logger.level
        with self.assertLogs(logger, logging.ERROR) as seen:
            logger.error("%s", ["list"])
            print(logger.handlers is before[0], logger.propagate, logger.level)
        print(seen.output, before == (logger.handlers, logger.propagate, logger.level))
        logger.removeHandler(handler)

    def test_4_nothing(self):
        """Nothing logged: a failure."""
        with self.assertLogs("app", "WARNING"):
            logger.info("below")

    def test_5_no_logs(self):
        """Nothing expected and nothing logged."""
        with self.assertNoLogs("app", "ERROR"):
            logger.warning("below")

    def test_6_no_logs_fails(self):
        """Something logged where nothing was expected."""
        with self.assertNoLogs():
            logger.warning("unexpected %d", 1)

    def test_7_nested(self):
        """An inner block takes records away from the outer one."""
        with self.assertLogs("app", "INFO") as outer:
            logger.info("outer")
            with self.assertLogs("app.mail", "INFO") as inner:
                logger.info("inner")
            logger.info("outer again")
        print(outer.output, inner.output)

    def test_8_exception(self):
        """exc_info is kept; an exception in the block passes."""
        with self.assertLogs() as seen:
            try:
                raise ValueError("odd")
            except ValueError:
                logger.exception("caught")
        print(seen.records[0].exc_info[0], seen.output[0].splitlines()[0])
        try:
            with self.assertLogs():
                raise KeyError("through")
        except KeyError as error:
            print(error)

    def test_9_disabled(self):
        """logging.disable holds inside the block."""
        logging.disable(logging.INFO)
        try:
            with self.assertLogs("app", "DEBUG") as seen:
                logger.info("disabled")
                logger.warning("enabled")
        finally:
            logging.disable(logging.NOTSET)
        print(seen.output)


class WithoutTime:
    """A stream that drops the one line that tells the time."""

    def write(self, text):
        """Write *text* without its times."""
        sys.stdout.write(re.sub(r" in \d+\.\d+s", "", text))

    def flush(self):
        """Nothing is kept back."""


runner = unittest.TextTestRunner(stream=WithoutTime(), verbosity=2)
unittest.main(testRunner=runner, exit=False, argv=["unittest"])
