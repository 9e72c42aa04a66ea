"""What the programs print of a record: everything that does not vary by run."""

VARYING = frozenset(
    ["created", "msecs", "relativeCreated", "thread", "process", "exc_info"]
)


def fields(record):
    """Return the record's `__dict__` as text, in its own order."""
    shown = {name: value for name, value in vars(record).items() if name not in VARYING}
    error = record.exc_info
    shown["exc_info"] = error and (error[0], str(error[1]))
    return f"{type(record).__name__}({shown!r})"


def keys(record):
    """Return the names of all attributes, those that vary too."""
    return f"{len(vars(record))} keys: {' '.join(vars(record))}"
