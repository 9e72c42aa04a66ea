"""Logs to places that cannot be written: `bad_places.py FOLDER`."""

import logging
import os
import pathlib
import re
import sys
from logging import handlers

folder = pathlib.Path(sys.argv[1])
log = logging.getLogger("app")
log.setLevel(logging.INFO)
log.propagate = False


def tell(label, function):
    """Print what it returned or raised."""
    try:
        print(label, "returned", function())
    except BaseException as error:
        text = re.sub(r"'[^']*/", "'", str(error))
        print(label, "raised", type(error).__name__, text)


def through(label, handler, records=3, text="text %d"):
    """Log through *handler* only, then close it."""
    print("==", label, flush=True)
    print("==", label, file=sys.stderr, flush=True)
    log.handlers = [handler]
    for number in range(records):
        tell(label, lambda n=number: log.info(text, n))
    tell("close", handler.close)


def text_file(fd, **more):
    """Return a text stream on a descriptor."""
    return open(fd, "w", encoding="utf-8", **more)


def closed_pipe():
    """A pipe whose reader has gone."""
    reader, writer = os.pipe()
    os.close(reader)
    stream = text_file(writer)
    through("pipe", logging.StreamHandler(stream))
    tell("stream", stream.close)


def full_pipe():
    """A pipe that nobody empties and that must not block."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    for size in (4096, 1):
        try:
            while True:
                os.write(writer, b"x" * size)
        except BlockingIOError:
            pass
    stream = text_file(writer)
    through("full pipe", logging.StreamHandler(stream))
    os.set_blocking(reader, False)
    drained = 0
    try:
        while data := os.read(reader, 1 << 16):
            drained += len(data.strip(b"x"))
    except BlockingIOError:
        pass
    print("drained", drained)
    through("drained pipe", logging.StreamHandler(stream))
    tell("stream", stream.close)
    print(os.read(reader, 1 << 16).decode().strip("x"))


def large_to_pipe():
    """More than a non-blocking pipe can hold, in one record."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    stream = text_file(writer)
    through("large", logging.StreamHandler(stream), 1, "%d" + "y" * 200_000)
    print(len(os.read(reader, 1 << 20)))
    tell("stream", stream.close)


def closed_descriptor():
    """A file whose descriptor was closed under it."""
    handler = logging.FileHandler(folder / "closed-fd.log")
    log.handlers = [handler]
    log.info("first")
    spare = os.open(os.devnull, os.O_RDONLY)
    fd = handler.stream.fileno()
    os.dup2(spare, fd)
    os.close(spare)
    through("read-only descriptor", handler)


through("full", logging.FileHandler("/dev/full"))
through("full utf-16", logging.FileHandler("/dev/full", encoding="utf-16"))
through("full rotating", handlers.RotatingFileHandler("/dev/full", maxBytes=100))
through("full watched", handlers.WatchedFileHandler("/dev/full"))
closed_pipe()
full_pipe()
large_to_pipe()
closed_descriptor()
tell("directory", lambda: logging.FileHandler(folder))
tell("nowhere", lambda: logging.FileHandler(folder / "no" / "such" / "file.log"))
through("nowhere, later", logging.FileHandler(folder / "no" / "x.log", delay=True))
stream = text_file(os.open(folder / "r.log", os.O_CREAT | os.O_RDONLY), closefd=True)
through("read-only", logging.StreamHandler(stream))
tell("read-only stream", stream.close)
rotating = handlers.RotatingFileHandler(folder / "rot.log", maxBytes=10, backupCount=1)
(folder / "rot.log.1").mkdir()
(folder / "rot.log.1" / "inside").touch()
through("cannot rotate", rotating)
gone = folder / "gone"
gone.mkdir()
watched = handlers.WatchedFileHandler(gone / "w.log")
(gone / "w.log").unlink()
gone.rmdir()
through("directory removed", watched)
logging.raiseExceptions = False
through("full, silent", logging.FileHandler("/dev/full"))
logging.raiseExceptions = True
closed = text_file(os.open(folder / "c.log", os.O_CREAT | os.O_WRONLY))
closed.close()
through("closed stream", logging.StreamHandler(closed))
sys.stderr = None
through_none = logging.FileHandler("/dev/full")
log.handlers = [through_none]
tell("no stderr", lambda: log.info("nobody hears"))
through_none.stream = None
