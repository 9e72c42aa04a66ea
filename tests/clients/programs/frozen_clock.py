"""freezegun and time-machine, which replace the clock while programs log.

The argument says which; times are shown in UTC.
"""

import datetime
import logging
import sys
import time

import freezegun
import sheets
import time_machine

MOMENT = datetime.datetime(2031, 2, 3, 4, 5, 6, 789000, tzinfo=datetime.UTC)


class Shown(logging.Handler):
    """Prints each record's time."""

    def emit(self, record):
        """Print it."""
        print(f"{record.created:.3f} {record.msecs:.0f}", record.getMessage())


def freeze(moment):
    """Return the context manager that stops the clock at *moment*."""
    if sys.argv[1] == "freezegun":
        return freezegun.freeze_time(moment)
    return time_machine.travel(moment, tick=False)


def main():
    """Log before, while and after the clock stands still."""
    stream = sheets.new()
    handler = logging.StreamHandler(stream)
    formatter = logging.Formatter("%(asctime)s %(levelname)s %(message)s")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    dated = logging.StreamHandler(stream)
    dated.setFormatter(logging.Formatter("%(asctime)s|%(message)s", "%Y/%m/%d %H"))
    logger = logging.getLogger("shop.frozen")
    logger.handlers = [handler, dated]
    logger.propagate = False
    seen = logging.getLogger("shop.seen")
    seen.handlers = [Shown()]
    seen.propagate = False
    logger.warning("before")
    sheets.take(stream)
    with freeze(MOMENT) as clock:
        logger.warning("frozen")
        seen.warning("frozen")
        clock.move_to(MOMENT + datetime.timedelta(days=400, seconds=1.25))
        logger.warning("moved")
        seen.warning("moved")
        if sys.argv[1] == "freezegun":
            clock.tick(0.5)
        else:
            clock.shift(0.5)
        logger.warning("ticked")
        seen.warning("ticked")
        late = logging.makeLogRecord({})
        print(f"{late.created:.3f}")
        handler.handle(logging.LogRecord("n", 30, "p", 1, "made", (), None))
    print(sheets.take(stream))
    before = time.time()
    logger.warning("after")
    year = time.gmtime(before).tm_year
    print(sheets.text(stream)[:4] in (str(year), str(year + 1)))
    with freeze("1999-12-31T23:59:59.999999Z"):
        logger.warning("long ago")
    print(sheets.text(stream).splitlines()[2:])


main()
