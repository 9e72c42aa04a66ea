"""State of loggers and handlers set directly, or in place: effect at once."""

import io
import logging
import sys

import sheets


class Recorder(logging.Handler):
    """Collects messages; a handler written in Python."""

    def __init__(self):
        """Begin with none."""
        super().__init__()
        self.seen = []

    def emit(self, record):
        """Keep the message."""
        self.seen.append(record.getMessage())


def make(fmt):
    """Return a stream handler on a stream of its own."""
    handler = logging.StreamHandler(sheets.new())
    handler.setFormatter(logging.Formatter(fmt))
    return handler


def main():
    """Change each piece of state between two records."""
    a, b = make("a %(message)s"), make("b %(levelname)s %(message)s")
    python = Recorder()
    handlers = {"a": a, "b": b}
    parent = logging.getLogger("app")
    logger = logging.getLogger("app.state.deep")
    parent.setLevel(logging.INFO)
    root = logging.getLogger()
    root.addHandler(b)
    number = 0

    def log(note):
        nonlocal number
        number += 1
        print(f"{number}: {note}")
        logger.debug("debug %d", number)
        logger.info("info %d", number)
        logger.error("error %d", number)
        for name, handler in handlers.items():
            if not handler.stream.closed:
                print("  ", name, repr(sheets.take(handler.stream)))
        print("   python", python.seen)
        python.seen.clear()

    log("to the root")
    logger.handlers = [a]
    log("handlers assigned")
    logger.handlers[:] = [a, python]
    log("handlers[:] assigned")
    logger.handlers.append(a)
    log("appended in place: twice")
    del logger.handlers[2:]
    logger.handlers.reverse()
    log("reversed in place")
    logger.handlers[0] = b
    log("one exchanged")
    logger.handlers = (a,)
    log("a tuple")
    logger.handlers = type("L", (list,), {})([a, python])
    log("a subclass of list")
    logger.handlers = [a]
    shared = parent.handlers = logger.handlers
    log("one list in two loggers")
    shared.append(python)
    log("changed through an alias")
    parent.handlers = []
    shared.remove(python)
    logger.propagate = 0
    log("propagate = 0")
    logger.propagate = 1
    log("propagate = 1")
    logger.propagate = None
    log("propagate = None")
    logger.propagate = "yes"
    log("propagate = 'yes'")
    parent.propagate = False
    log("the parent does not propagate")
    parent.propagate = True
    logger.disabled = True
    log("disabled")
    logger.disabled = 0
    log("disabled = 0")
    logger.filters = [lambda record: record.levelno > 20]
    log("filters assigned")
    logger.filters.append(lambda record: False)
    log("filters appended")
    logger.filters.clear()
    log("filters cleared in place")
    logger.filters = []
    parent.filters = [lambda record: False]
    log("filters of a parent do not count")
    parent.filters = []
    a.filters = [logging.Filter("app.other")]
    log("a handler's filter by name")
    a.filters[0].name = "app.state"
    log("its name alone, not its length")
    a.filters[0].__init__("app.state")
    log("both")
    a.filters = []
    a.level = logging.ERROR
    log("a handler's level")
    a.level = 0
    b.setLevel("CRITICAL")
    log("another's, by name")
    b.level = logging.NOTSET
    a.formatter = b.formatter
    log("a formatter shared")
    a.formatter = None
    log("no formatter")
    a.terminator = "|\r\n"
    log("a terminator")
    del a.terminator
    logging.StreamHandler.terminator = "<class>"
    log("the class's terminator")
    logging.StreamHandler.terminator = "\n"
    old = a.stream
    a.stream = sheets.new()
    log("a stream assigned")
    print(repr(a.setStream(old) is not old), a.setStream(old))
    log("setStream")
    a.acquire()
    a.stream = sheets.new()
    a.release()
    log("a stream assigned under the lock")

    class Loud(io.StringIO):
        def write(self, text):
            return super().write(text.upper())

    a.stream = Loud()
    log("a stream of another class")
    a.stream.write = lambda text: io.StringIO.write(a.stream, f"<{text}>")
    log("its write replaced")
    a.stream = sheets.new()
    logger.parent = root
    log("another parent")
    logger.parent = None
    log("no parent")
    logger.parent = parent
    logger.level = logging.DEBUG
    log("level assigned: _cache still answers")
    logger._cache.clear()
    log("_cache cleared")
    logger.setLevel(logging.ERROR)
    log("setLevel")
    logger.level = 0
    logger.manager._clear_cache()
    log("level assigned, all caches cleared")
    logger._cache.pop(logging.DEBUG)
    log("an answer taken out of _cache")
    logger._cache = {}
    log("_cache exchanged")
    logging.disable(logging.INFO)
    log("logging.disable")
    logger.manager.disable = logging.ERROR
    log("manager.disable assigned")
    logging.root.manager.disable = 0
    log("manager.disable = 0")
    logger.name = "renamed"
    b.formatter = logging.Formatter("%(name)s %(message)s")
    log("name assigned")
    logger.custom = 1
    print(logger.custom, "custom" in vars(logger))
    del logger.custom
    logging.addLevelName(logging.ERROR, "Fehler")
    b.formatter = logging.Formatter("%(levelname)s %(message)s")
    log("addLevelName")
    logging._levelToName[logging.ERROR] = "written"
    log("_levelToName written")
    logging.addLevelName(logging.ERROR, "ERROR")
    a.close()
    log("a closed handler still writes")
    a.stream.close()
    logging.raiseExceptions = False
    log("a closed stream")
    logging.raiseExceptions = True
    logger.handlers = []
    root.handlers = []
    sys.stderr = io.StringIO()
    log("no handlers: the last resort")
    print(repr(sys.stderr.getvalue()))
    sys.stderr = sys.__stderr__
    logging.lastResort, kept = None, logging.lastResort
    log("no last resort: said once, on standard error")
    log("not twice")
    logger.manager.emittedNoHandlerWarning = False
    log("but again when asked for")
    logging.lastResort = kept
    del logger.propagate
    try:
        logger.error("without the attribute")
    except AttributeError as error:
        print(error)
    logger.propagate = True
    root.handlers = [b]
    log("at the end")


main()
