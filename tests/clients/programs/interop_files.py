"""File handlers whose streams, names, limits and methods are set directly."""

import gzip
import io
import logging
import logging.handlers
import os
import pathlib
import shutil
import sys
import tempfile


class Flushing(logging.FileHandler):
    """A subclass that overrides one method each."""

    def flush(self):
        """Count."""
        super().flush()
        self.flushed = getattr(self, "flushed", 0) + 1


class Opening(logging.FileHandler):
    """Opens its file in its own way."""

    def _open(self):
        """Write a header."""
        stream = super()._open()
        stream.write("# header\n")
        return stream


class Rolling(logging.handlers.BaseRotatingHandler):
    """Rolls over after each three lines, as users' handlers do."""

    lines = 0

    def shouldRollover(self, record):
        """Count to three."""
        self.lines += 1
        return self.lines % 3 == 0

    def doRollover(self):
        """Move the file away."""
        self.stream.close()
        self.rotate(self.baseFilename, self.rotation_filename(f"{self.lines}.old"))
        self.stream = self._open()


def shown(folder):
    """Print every file of *folder* and what is in it; empty the folder."""
    for path in sorted(folder.iterdir()):
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        print("  ", path.name, data)
        path.unlink()


def plain(folder, logger):
    """FileHandler: reopened as gunicorn does, renamed, closed, delayed."""
    handler = logging.FileHandler("a.log", encoding="utf-8")
    logger.handlers = [handler]
    logger.warning("first %s", "é")
    os.rename("a.log", "moved.log")
    logger.warning("still to the moved file")
    handler.acquire()
    try:
        handler.stream.close()
        handler.stream = handler._open()
    finally:
        handler.release()
    logger.warning("to a new file")
    handler.baseFilename = str(folder / "b.log")
    logger.warning("the name alone changes nothing")
    handler.close()
    print(handler.stream, handler._closed)
    logger.warning("mode a: opened again? %s", handler.mode)
    handler._closed = False
    logger.warning("opened again")
    handler.flush()  # what goes past the handler does not wait for its lines
    handler.stream.write("by hand\n")
    handler.stream.flush()
    logger.warning("after what was written by hand")
    handler.stream.write("left in the buffer ")
    logger.warning("after the buffer")
    handler.stream, old = io.StringIO(), handler.stream
    logger.warning("to memory")
    print(repr(handler.stream.getvalue()))
    handler.setStream(old)
    handler.terminator = "\r\n"
    logger.warning("another end of line")
    handler.close()
    delayed = logging.FileHandler("c.log", mode="w", delay=True, errors="replace")
    logger.handlers = [delayed]
    print(os.path.exists("c.log"), delayed.stream)
    logger.warning("now there %s", "\udcff")
    delayed.encoding = "latin-1"
    delayed.close()
    delayed.stream = delayed._open()
    logger.warning("latin-1: é, €")
    delayed.close()
    strict = logging.FileHandler("d.log", encoding="ascii", errors="strict")
    logger.handlers = [strict]
    logging.raiseExceptions = False
    logger.warning("not ascii: é")
    logging.raiseExceptions = True
    logger.warning("ascii")
    strict.close()
    for handler in (Flushing("e.log"), Opening("f.log"), Opening("g.log", delay=True)):
        logger.handlers = [handler]
        logger.warning("one")
        logger.warning("two %s", getattr(handler, "flushed", None))
        handler.close()
    with open("h.log", "w+", buffering=1) as line_buffered:
        logger.handlers = [logging.StreamHandler(line_buffered)]
        logger.warning("a text file of the user's")
        logger.handlers[0].flush()
        line_buffered.seek(0)
        print(line_buffered.read())
        line_buffered.write("more ")
        logger.warning("after a read")
    with open("i.log", "w", newline="\r\n", encoding="utf-16") as wide:
        logger.handlers = [logging.StreamHandler(wide)]
        logger.warning("é\nwide")
    with gzip.open("j.gz", "wt") as packed:
        logger.handlers = [logging.StreamHandler(packed)]
        logger.warning("packed %d", 1)
    raw, end = os.pipe()
    with os.fdopen(end, "w") as pipe:
        logger.handlers = [logging.StreamHandler(pipe)]
        logger.warning("into a pipe")
        logger.handlers[0].flush()
        print(os.read(raw, 100))
    os.close(raw)
    shown(folder)


def rotating(folder, logger):
    """The rotating handlers, with limits, names and methods of the user's."""
    handler = logging.handlers.RotatingFileHandler("r.log", maxBytes=40, backupCount=2)
    logger.handlers = [handler]
    for number in range(7):
        logger.warning("line %d of some length", number)
    handler.maxBytes = 0
    for number in range(3):
        logger.warning("no limit %d", number)
    handler.maxBytes = 200
    handler.backupCount = 1
    handler.namer = lambda name: name + ".named"
    handler.rotator = lambda source, dest: shutil.copy(source, dest) and None
    logger.warning("x" * 190)
    handler.doRollover()
    logger.warning("after a rollover by hand")
    handler.rotator = None
    handler.shouldRollover = lambda record: "roll" in record.getMessage()
    logger.warning("please roll")
    handler.doRollover = lambda: handler.stream.write("<instead>")
    logger.warning("roll again")
    del handler.shouldRollover, handler.doRollover
    logging.handlers.RotatingFileHandler.shouldRollover, kept = (
        lambda self, record: 0,
        logging.handlers.RotatingFileHandler.shouldRollover,
    )
    logger.warning("y" * 300)
    logging.handlers.RotatingFileHandler.shouldRollover = kept
    logger.warning("at last")
    handler.close()
    shown(folder)
    handler = logging.handlers.TimedRotatingFileHandler(
        "t.log", when="D", backupCount=1, utc=True
    )
    handler.suffix = "suffix"
    handler.formatter = logging.Formatter("%(message)s!")
    logger.handlers = [handler]
    logger.warning("today")
    handler.rolloverAt = 1
    logger.warning("rolled")
    logger.warning("tomorrow")
    handler.close()
    shown(folder)
    handler = logging.handlers.WatchedFileHandler("w.log")
    logger.handlers = [handler]
    logger.warning("watched")
    handler.flush()
    os.rename("w.log", "w.old")
    logger.warning("a new file")
    handler.flush()
    os.unlink("w.log")
    logger.warning("another new file")
    handler.reopenIfNeeded()
    logger.warning("last")
    handler.close()
    shown(folder)
    handler = Rolling("u.log", "a")
    logger.handlers = [handler]
    for number in range(7):
        logger.warning("own rolling %d", number)
    handler.close()
    shown(folder)
    memory = logging.handlers.MemoryHandler(3, target=logging.FileHandler("m.log"))
    logger.handlers = [memory]
    logger.warning("buffered")
    logger.warning("buffered too")
    memory.target.flush()
    print(len(memory.buffer), pathlib.Path("m.log").read_text())
    logger.error("flushes")
    print(len(memory.buffer))
    memory.target.close()
    shown(folder)


def main():
    """Use each handler in a folder of its own."""
    logger = logging.getLogger("app.files")
    logger.propagate = False
    ordinary = logging.getLogger("ordinary")
    ordinary.addHandler(logging.StreamHandler(sys.stdout))
    ordinary.warning("control")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        os.chdir(folder)
        plain(folder, logger)
        rotating(folder, logger)
        os.chdir("/")
    ordinary.warning("control")


main()
