"""Records of all sizes, files with two handlers: `bg_shapes.py SHAPE FOLDER`.

Runs on plain `logging` too: the bytes are compared.
"""

import logging
import os
import pathlib
import sys
import threading

import kit

shape, folder = sys.argv[1], pathlib.Path(sys.argv[2])
one, two = logging.getLogger("one"), logging.getLogger("two")


def large():
    """Texts larger than the ring between small ones, as argument and as message."""
    kit.configure(ring_bytes=1 << 16)
    kit.file(folder / "app.log", "one", encoding="utf-8")
    for number in range(12):
        one.info("before %d", number)
        one.info("text %d %s", number, "x" * 1_000_000)
        one.info("between %d", number)
        one.info("y" * (65_000 + number * 97))
        one.info("after %d %s", number, "caf\u00e9" * (number * 1000))


def huge():
    """Lines around the size of a batch and of the ring, each by itself."""
    kit.configure(ring_bytes=1 << 16)
    kit.file(folder / "app.log", "one")
    for size in (1 << 15, 1 << 16, 1 << 17):
        for off in range(-130, 130, 3):
            one.info("%s", "z" * (size + off))
            if off % 2 == 0:
                one.info("short %d", off)


def odd_sizes():
    """Every size up to some thousand, so that each place in the ring is an end."""
    kit.configure(ring_bytes=1 << 16)
    kit.file(folder / "app.log", "one")
    for size in range(4000):
        one.info("%d %s.", size, "a" * size)
        one.info("%d %.3f %s %s", size, size / 7, None, True)
        one.warning("b" * (size % 97))


def same_path():
    """Two handlers on one path, each with a stream of its own, and one handler twice.

    And loggers that reach both by propagation.
    """
    kit.configure(ring_bytes=1 << 16)
    first = kit.file(folder / "app.log", "one", fmt="first %(message)s")
    kit.file(folder / "app.log", "two", fmt="second %(message)s")
    child = logging.getLogger("two.child")
    child.addHandler(first)
    for number in range(3000):
        one.info("one %d", number)
        two.info("two %d %s", number, "x" * (number % 200))
        child.warning("both %d", number)
        if number % 500 == 0:
            one.info("object %s", [number])
            two.info("large %s", "L" * 100_000)


def two_streams():
    """Standard output and standard error are one pipe."""
    reader, writer = os.pipe()
    os.dup2(writer, 2)
    saved = os.dup(1)
    os.dup2(writer, 1)
    os.close(writer)
    got = []

    def read():
        while data := os.read(reader, 1 << 16):
            got.append(data)

    thread = threading.Thread(target=read)
    thread.start()
    kit.stream(sys.stdout, "one")
    kit.stream(sys.stderr, "two")
    for number in range(3000):
        one.info("out %d", number)
        two.info("err %d %s", number, "x" * (number % 100))
        if number % 100 == 0:
            sys.stdout.write(f"printed {number}\n")
    kit.flush()
    for log in (one, two):
        log.handlers[0].flush()
        log.handlers[0].close()
    os.dup2(saved, 1)
    os.dup2(saved, 2)
    thread.join()
    (folder / "pipe.log").write_bytes(b"".join(got))


def own_writes():
    """A program writes to the handler's stream itself, sometimes without a flush."""
    opened = open(folder / "app.log", "w", encoding="utf-8")  # noqa: SIM115
    handler = kit.stream(opened, "one")
    for number in range(3000):
        one.info("logged %d %s", number, "x" * 20)
        if number % 10 == 0:
            opened.write(f"left in the buffer {number}\n")
        if number % 100 == 0:
            handler.flush()
            opened.write(f"after a flush {number}\n")
            opened.flush()
    opened.write("the end\n")
    handler.flush()


def many_texts():
    """More messages, names, formats and threads than any table of texts has room for.

    Each is used again later, when the table may have forgotten it.
    """
    kit.configure(ring_bytes=1 << 16)
    handler = kit.file(folder / "app.log", "one")
    for turn in range(2):
        for number in range(40_000):
            one.info(f"message {number} of these %d %s", turn, "and an argument")
        for number in range(5000):
            own = logging.Logger(f"logger number {number} of these", logging.INFO)
            own.addHandler(handler)
            text = f"{number} %(name)s %(threadName)s %(message)s"
            handler.setFormatter(logging.Formatter(text))
            own.info("turn %d", turn)
        handler.setFormatter(logging.Formatter("%(threadName)s %(message)s"))
        for number in range(300):
            thread = threading.Thread(
                target=one.info, args=("turn %d", turn), name=f"thread {number}"
            )
            thread.start()
            thread.join()


SHAPES = {
    "many-texts": many_texts,
    "large": large,
    "huge": huge,
    "odd-sizes": odd_sizes,
    "same-path": same_path,
    "two-streams": two_streams,
    "own-writes": own_writes,
}

kit.watch()
SHAPES[shape]()
kit.leave(folder / "facts.json")
