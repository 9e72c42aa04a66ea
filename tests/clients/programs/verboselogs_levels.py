"""verboselogs, a Logger class whose new levels call `self._log`."""

import logging
import sys

import verboselogs


def main():
    """Log at the new levels, by the class and by install()."""
    logging.basicConfig(
        stream=sys.stdout,
        format="%(levelname)s %(name)s %(funcName)s:%(lineno)d %(message)s",
    )
    before = logging.getLogger("before")
    logger = verboselogs.VerboseLogger("verbose")
    logger.addHandler(logging.root.handlers[0])
    logger.setLevel(verboselogs.SPAM)
    verboselogs.install()
    after = logging.getLogger("after")
    print(type(before).__name__, type(after).__name__, logging.getLoggerClass())
    after.setLevel("NOTICE")
    for target in (logger, after):
        target.spam("spam %d", 1)
        target.verbose("verbose")
        target.notice("notice %s", "x", extra={"user": "eve"})
        target.success("success")
        target.info("info")
        target.warning("warning")
        print(target.isEnabledFor(verboselogs.NOTICE), target.getEffectiveLevel())
    before.warning("an older logger")
    calls = []
    after._log = lambda *args, **kwargs: calls.append((args, kwargs))
    after.notice("taken %s", "away")
    after.error("this too", exc_info=False)
    after.debug("hidden")
    print(calls)
    del after._log
    after.error("and back")


main()
