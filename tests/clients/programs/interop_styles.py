"""Formatters: formats written after construction, styles replaced or absent."""

import io
import logging
import string
import sys


class Loud(logging.PercentStyle):
    """A style of the user's, as pytest's is."""

    def __init__(self, fmt):
        """Keep the format only."""
        self._fmt = fmt
        self._defaults = None

    def format(self, record):
        """Return the line in capitals."""
        return super().format(record).upper()


class Multi(logging.PercentStyle):
    """Formats line by line, as pytest's does."""

    def format(self, record):
        """Return a line for each line."""
        if "\n" in record.message:
            lines = record.message.splitlines()
            return "\n".join(
                self._fmt % {**record.__dict__, "message": line} for line in lines
            )
        return self._fmt % record.__dict__


class Without(logging.Formatter):
    """Does not call the base's __init__, as python-json-logger's does not."""

    def __init__(self, fmt):
        """Set what is needed."""
        self._style = logging._STYLES["%"][0](fmt)
        self._fmt = fmt
        self.datefmt = None


class Nothing(logging.Formatter):
    """Sets nothing at all."""

    def __init__(self):
        """Do nothing."""


class Named(logging.Formatter):
    """Overrides one step each."""

    default_time_format = "TIME"
    default_msec_format = None

    def formatException(self, ei):
        """Return one line."""
        return f"{ei[0].__name__}!"


def main():
    """Log through each formatter, changing it between lines."""
    logger = logging.getLogger("app.styles")
    handler = logging.StreamHandler(sys.stdout)
    logger.addHandler(handler)
    logger.propagate = False

    def log(note):
        print("--", note)
        logger.warning("first %s\nsecond", "x")
        try:
            raise ValueError("v")
        except ValueError:
            logger.exception("caught")

    log("no formatter")
    formatter = logging.Formatter("%(levelname)s %(message)s")
    handler.setFormatter(formatter)
    log("plain")
    formatter._style._fmt = "%(name)s | %(message)s"
    log("_style._fmt")
    formatter._fmt = "ignored %(message)s"
    log("_fmt alone changes nothing")
    formatter._style = Loud("%(levelname)s %(message)s")
    log("another style")
    formatter._style = Multi("%(levelname)s <%(message)s>")
    log("a multi-line style")
    formatter._style = logging.StrFormatStyle("{levelname:<9}|{message}")
    log("str.format")
    formatter._style._fmt = "{levelname:>9}|{message}"
    log("str.format, _fmt written")
    formatter._style = logging.StringTemplateStyle("$levelname ${message}")
    log("template")
    formatter._style._tpl = string.Template("T:$message")
    log("template replaced")
    formatter._style._fmt = "only seen by usesTime $message"
    log("template, _fmt written")
    formatter.datefmt = "DATE"
    formatter._style = logging.PercentStyle("%(asctime)s %(message)s")
    log("asctime by a style with datefmt")
    formatter.datefmt = "OTHER"
    log("datefmt written")
    formatter.datefmt = None
    formatter.default_time_format = "DEFAULT"
    formatter.default_msec_format = "%s"
    log("defaults of the instance")
    logging.Formatter.default_msec_format, kept = None, "%s,%03d"
    del formatter.default_msec_format
    log("defaults of the class")
    logging.Formatter.default_msec_format = kept
    formatter.converter = lambda seconds: (2001, 2, 3, 4, 5, 6, 0, 34, 0)
    formatter.default_time_format = "%Y"
    formatter.default_msec_format = None
    log("converter of the instance")
    formatter.__class__ = Named
    log("class changed")
    handler.setFormatter(Without("%(levelname)s %(message)s"))
    log("without __init__")
    handler.formatter._style = "a string"
    logging.raiseExceptions = False
    log("a style that is a str: nothing is written, nothing reported")
    logging.raiseExceptions = True
    handler.formatter = Nothing()
    try:
        print(handler.format(logging.makeLogRecord({"msg": "m"})))
    except AttributeError as error:
        print(error)
    for style, (kind, default) in logging._STYLES.items():
        made = kind(default)
        print(style, kind.__name__, made._fmt, made.usesTime())
        handler.formatter = logging.Formatter(None, style=style)
        print(isinstance(handler.formatter._style, kind), handler.formatter._fmt)
        handler.formatter.datefmt = ""
        log(f"default of {style}")
    for fmt, style, defaults in [
        ("%(missing)s %(message)s", "%", {"missing": "D"}),
        ("{missing} {message}", "{", {"missing": "D"}),
        ("$missing $message", "$", {"missing": "D"}),
    ]:
        handler.formatter = logging.Formatter(fmt, style=style, defaults=defaults)
        log(f"defaults {style}")
        handler.formatter._style._defaults = {"missing": "changed"}
        log("defaults written")
        handler.formatter._style._defaults["missing"] = "in place"
        log("defaults changed in place")
    for fmt, style in [("%(x", "%"), ("{a", "{"), ("$", "$"), ("no field", "%")]:
        try:
            logging.Formatter(fmt, style=style)
        except ValueError as error:
            print(error)
        print(logging.Formatter(fmt, style=style, validate=False)._fmt)
    stream = io.StringIO()
    handler.stream = stream
    handler.formatter = logging.BufferingFormatter()
    handler.formatter = type("Duck", (), {"format": lambda self, r: f"duck {r.msg}"})()
    log("any object with a format method")
    print(stream.getvalue())


main()
