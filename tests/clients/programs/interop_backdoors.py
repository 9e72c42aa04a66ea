"""State written past `__setattr__`, by the way that the argument names.

After such a store the documentation asks for any ordinary one, here setLevel().
"""

import logging
import sys

import sheets


def main():
    """Write each piece of state by that way."""
    stream = sheets.new()
    handler = logging.StreamHandler(stream)
    formatter = logging.Formatter("%(name)s %(levelname)s %(message)s")
    handler.setFormatter(formatter)
    logger = logging.getLogger("app.doors")
    logger.setLevel(logging.INFO)
    logging.root.addHandler(handler)

    def log(note):
        if sys.argv[1] != "setattr":
            logging.root.setLevel(logging.root.level)
        logger.debug("debug")
        logger.info("info")
        logger.error("error %d", 1)
        print(note, repr(sheets.take(stream)))

    doors = {
        "__dict__": lambda o, name, value: o.__dict__.__setitem__(name, value),
        "vars": lambda o, name, value: vars(o).update({name: value}),
        "object": object.__setattr__,
        "setattr": setattr,
    }
    name = sys.argv[1]
    door = doors[name]
    log(f"{name} begins")
    door(logger, "disabled", True)
    log("disabled")
    door(logger, "disabled", False)
    log("enabled")
    door(logger, "propagate", False)
    door(logger, "handlers", [logging.NullHandler()])
    log("does not propagate")
    door(logger, "handlers", [handler])
    log("a handler of its own")
    door(logger, "propagate", True)
    door(logger, "handlers", [])
    log("propagates")
    door(logger, "filters", [lambda record: record.levelno > 30])
    log("filtered")
    door(logger, "filters", [])
    door(logger, "level", logging.DEBUG)
    log("level, remembered in _cache")
    door(logger, "_cache", {})
    log("_cache new")
    door(logger, "_cache", {logging.INFO: False})
    log("_cache written")
    door(logger, "level", logging.INFO)
    door(logger, "_cache", {})
    door(logger, "name", name)
    log("renamed")
    door(handler, "level", logging.ERROR)
    log("the handler's level")
    door(handler, "level", 0)
    door(handler, "filters", [lambda record: False])
    log("the handler's filters")
    door(handler, "filters", [])
    door(handler, "formatter", None)
    log("no formatter")
    door(handler, "formatter", formatter)
    door(handler, "terminator", "|")
    log("terminator")
    door(handler, "terminator", "\n")
    door(formatter, "_style", logging.StrFormatStyle("{message}"))
    log("style")
    door(formatter._style, "_fmt", "<{message}>")
    log("style's format")
    door(formatter, "_style", logging.PercentStyle("%(levelname)s %(message)s"))
    door(handler, "emit", lambda record: stream.write("emit;"))
    log("emit of the instance")
    del handler.__dict__["emit"]
    log("emit of the class")
    door(logger, "_log", lambda *args, **kwargs: stream.write("_log;"))
    log("_log of the instance")
    del logger.__dict__["_log"]
    log("_log of the class")
    other = sheets.new()
    door(handler, "stream", other)
    log("another stream")
    door(handler, "stream", stream)
    print(repr(sheets.text(other)))
    door(logger, "parent", None)
    log("no parent")
    door(logger, "parent", logging.root)
    logger.__dict__ = dict(logger.__dict__, disabled=True)
    log("another __dict__")
    logger.disabled = False
    log("written into it")


main()
