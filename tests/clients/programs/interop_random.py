"""A random walk through the state of loggers and handlers, logging at each step.

The argument is the seed: same seed, same walk.
"""

import logging
import random
import sys

import sheets

STREAM = sheets.new()
NAMES = [None, "a", "a.b", "a.b.c", "a.b.c.d", "a.x", "z", "z.y"]
FORMATS = [
    "%(levelname)s %(name)s %(message)s",
    "%(message)s",
    "%(name)-8s|%(levelno)03d|%(message).20s",
    "%(funcName)s:%(lineno)d %(message)s",
    "%(message)s %(msg)s %(args)s",
    "%(threadName)s %(module)s %(message)s",
]
BRACES = ["{message}", "{levelname:>9} {message!r}", "{name}{args}{message:.10}"]


class Shown(logging.Handler):
    """A handler written in Python."""

    def emit(self, record):
        """Write some fields."""
        STREAM.write(f"shown {record.name} {record.levelno} {record.getMessage()}\n")


class Marked(logging.StreamHandler):
    """A stream handler with an emit of its own."""

    def emit(self, record):
        """Mark the record."""
        record.mark = "m"
        super().emit(record)


class Own(logging.Logger):
    """A subclass that overrides nothing."""


class Lower(logging.Logger):
    """A subclass that overrides _log."""

    def _log(self, level, msg, args, **kwargs):
        """Mark the message."""
        super()._log(level, f"_{msg}", args, **kwargs)


class Walk:
    """The objects, and the steps that change them."""

    def __init__(self, seed):
        """Make a few handlers."""
        self.random = random.Random(seed)
        self.handlers = [
            logging.StreamHandler(STREAM),
            logging.StreamHandler(STREAM),
            Shown(),
            Marked(STREAM),
            logging.NullHandler(),
        ]
        self.filters = [
            lambda record: record.levelno != logging.WARNING,
            logging.Filter("a.b"),
            self.change,
        ]
        self.step = 0

    def change(self, record):
        """Change a record in place."""
        record.msg = f"~{record.msg}"
        return True

    def logger(self):
        """Return some logger."""
        return logging.getLogger(self.random.choice(NAMES))

    def level(self):
        """Return some level."""
        return self.random.choice([0, 5, 10, 10, 20, 20, 30, 40, 50, 60])

    def pick(self, values):
        """Return a few of *values*."""
        return self.random.sample(values, self.random.randint(0, 2))

    def do_set_level(self):
        """Set a logger's level."""
        self.logger().setLevel(self.level())

    def do_level(self):
        """Assign a logger's level, caches or not."""
        self.logger().level = self.level()
        if self.random.random() < 0.5:
            logging.Logger.manager._clear_cache()

    def do_clear_cache(self):
        """Clear one logger's cache."""
        self.logger()._cache.clear()

    def do_handlers(self):
        """Assign, or fill, a list of handlers."""
        logger, handlers = self.logger(), self.pick(self.handlers)
        if self.random.random() < 0.5:
            logger.handlers = handlers
        else:
            logger.handlers[:] = handlers

    def do_add_handler(self):
        """Add and remove a handler."""
        self.logger().addHandler(self.random.choice(self.handlers))
        self.logger().removeHandler(self.random.choice(self.handlers))

    def do_filters(self):
        """Assign, or fill, a list of filters."""
        owner = self.random.choice([self.logger(), *self.handlers])
        if self.random.random() < 0.6:
            owner.filters = []
        elif self.random.random() < 0.5:
            owner.filters = self.pick(self.filters)
        else:
            owner.filters[:] = self.pick(self.filters)

    def do_propagate(self):
        """Set propagate."""
        self.logger().propagate = self.random.choice([True, True, 1, False, 0])

    def do_disabled(self):
        """Set disabled."""
        self.logger().disabled = self.random.choice([False, False, 0, True])

    def do_disable(self):
        """Disable levels for all loggers."""
        if self.random.random() < 0.5:
            logging.disable(self.random.choice([0, 0, 10, 20]))
        else:
            logging.Logger.manager.disable = self.random.choice([0, 0, 10])

    def do_handler_level(self):
        """Set a handler's level, by method or not."""
        handler = self.random.choice(self.handlers)
        if self.random.random() < 0.5:
            handler.setLevel(self.level())
        else:
            handler.level = self.level()

    def do_formatter(self):
        """Give a handler another formatter, or none."""
        formatter = logging.Formatter(self.random.choice(FORMATS))
        if self.random.random() < 0.3:
            formatter = logging.Formatter(self.random.choice(BRACES), style="{")
        handler = self.random.choice(self.handlers)
        if self.random.random() < 0.2:
            formatter = None
        if self.random.random() < 0.5:
            handler.formatter = formatter
        else:
            handler.setFormatter(formatter)

    def do_style(self):
        """Write a format into a formatter."""
        formatter = self.random.choice(self.handlers).formatter
        if formatter is not None:
            if isinstance(formatter._style, logging.StrFormatStyle):
                formatter._style._fmt = self.random.choice(BRACES)
            elif self.random.random() < 0.5:
                formatter._style._fmt = self.random.choice(FORMATS)
            else:
                formatter._style = logging.PercentStyle(self.random.choice(FORMATS))

    def do_terminator(self):
        """Change the end of lines."""
        self.random.choice(self.handlers).terminator = self.random.choice("\n|\n")

    def do_parent(self):
        """Change a logger's parent, but make no circle."""
        child = logging.getLogger(self.random.choice(NAMES[1:]))
        child.parent = self.random.choice([logging.root, logging.getLogger("p")])

    def do_class(self):
        """Change a logger's class."""
        logger = logging.getLogger(self.random.choice(NAMES[1:]))
        logger.__class__ = self.random.choice([logging.Logger, Own, Lower])

    def do_patch(self):
        """Patch a class for a while."""
        owner, name = self.random.choice(
            [
                (logging.Logger, "callHandlers"),
                (logging.Logger, "handle"),
                (logging.StreamHandler, "emit"),
                (logging.Formatter, "format"),
                (logging.LogRecord, "getMessage"),
                (Own, "makeRecord"),
                (Lower, "handle"),
                (Shown, "filter"),
            ]
        )
        old = getattr(owner, name)
        had = name in vars(owner)

        def patched(*args, **kwargs):
            STREAM.write(f"<{name}>")
            return old(*args, **kwargs)

        setattr(owner, name, patched)
        self.log()
        if had:
            setattr(owner, name, old)
        else:
            delattr(owner, name)

    def do_instance(self):
        """Patch a single object for a while."""
        logger, handler = self.logger(), self.random.choice(self.handlers)
        owner, name = self.random.choice(
            [
                *((logger, name) for name in ("handle", "_log", "isEnabledFor")),
                *((handler, name) for name in ("handle", "emit", "format")),
            ]
        )
        old = getattr(owner, name)
        setattr(
            owner, name, lambda *a, **k: (STREAM.write(f"<{name}>"), old(*a, **k))[1]
        )
        self.log()
        delattr(owner, name)

    def do_factory(self):
        """Wrap the record factory for a while."""
        old = logging.getLogRecordFactory()

        def factory(*args, **kwargs):
            record = old(*args, **kwargs)
            record.msg = f"+{record.msg}"
            return record

        logging.setLogRecordFactory(factory)
        self.log()
        logging.setLogRecordFactory(old)

    def log(self):
        """Log through a few loggers, in a few ways."""
        for _ in range(3):
            logger = self.logger()
            self.step += 1
            kind = self.random.randrange(7)
            if kind == 0:
                logger.debug("debug %d", self.step)
            elif kind == 1:
                logger.info("info %s %r", self.step, "é")
            elif kind == 2:
                logger.warning("plain")
            elif kind == 3:
                logger.log(self.level(), "log %5.2f|%-4s|", self.step / 3, None)
            elif kind == 4:
                logger.error("extra %s", [self.step], extra={"user": self.step})
            elif kind == 5:
                try:
                    raise KeyError(self.step)
                except KeyError:
                    logger.exception("caught")
            else:
                enabled = [logger.isEnabledFor(n) for n in (5, 10, 20, 30, 40)]
                STREAM.write(f"{enabled} {logger.getEffectiveLevel()}\n")

    def run(self, steps):
        """Take *steps* random steps."""
        names = [name for name in dir(self) if name.startswith("do_")]
        for number in range(steps):
            name = self.random.choice(names)
            STREAM.write(f"-- {number} {name}\n")
            getattr(self, name)()
            self.log()


logging.raiseExceptions = False
logging.root.addHandler(logging.StreamHandler(STREAM))
logging.getLogger("a").warning("control %d", 1)
Walk(int(sys.argv[1])).run(1500)
print(sheets.text(STREAM))
