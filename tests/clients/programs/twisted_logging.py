"""Twisted's STDLibLogObserver, which replaces `logger.findCaller` on the instance."""

import logging
import sys

from twisted.logger import Logger, STDLibLogObserver, globalLogBeginner
from twisted.python import log as legacy


def warn(target, text):
    """Log *text* from a function of its own."""
    target.warn("{text} from {where}", text=text, where="here")


def main():
    """Send Twisted's events to the standard library."""
    logging.basicConfig(
        stream=sys.stdout,
        level=logging.DEBUG,
        format="%(levelname)s %(name)s %(funcName)s %(filename)s %(message)s",
    )
    observer = STDLibLogObserver()
    globalLogBeginner.beginLoggingTo(
        [observer], redirectStandardIO=False, discardBuffer=True
    )
    target = Logger("app.twisted")
    target.debug("debug {n}", n=1)
    target.info("info")
    warn(target, "a warning")
    target.error("error {n!r}", n="x")
    target.critical("critical")
    try:
        raise OSError(5, "broken")
    except OSError:
        target.failure("failed {n}", n=2)
    legacy.msg("the old way")
    named = STDLibLogObserver("other", stackDepth=4)
    named({"log_level": None, "log_format": "direct {x}", "x": 1, "log_time": 0.0})
    logging.getLogger("twisted").warning("a direct call %d", 1)
    logging.getLogger("ordinary").warning("an ordinary one")


main()
