"""Random formatters, handlers and logger trees, as plain data."""

from __future__ import annotations

from hypothesis import strategies as st

from caller.strategies import (
    ERRORS,
    RARE_ERRORS,
    any_level,
    pairs,
    plain_texts,
    told,
    values,
)

FIELDS = [
    "name",
    "levelno",
    "levelname",
    "pathname",
    "filename",
    "module",
    "lineno",
    "funcName",
    "created",
    "asctime",
    "msecs",
    "relativeCreated",
    "threadName",
    "processName",
    "message",
    "message",
    "message",
    "asctime",
    "levelname",
    "exc_info",
    "exc_text",
    "stack_info",
    "args",
    "msg",
    "taskName",
    "user",
    "missing",
]
#: Only as `<number>`: so they are masked, since they differ between processes.
IDS = ["thread", "process"]
LITERALS = ["", " ", " - ", "[", "]", ":", "\u00e9", "%%", "\n", "{{", "}}", "$$", "|"]
BROKEN = ["%(message)s", "%(message)", "{", "{}", "${", "$", "%(", "%z", "%(asctime)y"]

flags = st.sampled_from(["", "", "", "", "-", "0", "+", " ", "#", "-0"])
widths = st.sampled_from(["", "", "", "", "3", "8", "25"])
precisions = st.sampled_from(["", "", "", "", ".0", ".1", ".3", ".12"])
percent_fields = st.one_of(
    st.sampled_from([f"%({name})s" for name in FIELDS]),
    st.sampled_from([f"<%({name})d>" for name in IDS]),
    st.builds(
        lambda name, *rest: f"%({name})" + "".join(rest),
        st.sampled_from(FIELDS),
        flags,
        widths,
        precisions,
        st.sampled_from("sssdfrageExoci"),
    ),
)
brace_specs = st.sampled_from(
    [
        "",
        "",
        "",
        ":<10",
        ":>12.3",
        "!r",
        "!s:^9",
        "!a",
        ":.2f",
        ":05d",
        ":x",
        ":,",
        ":*",
    ]
)
brace_fields = st.one_of(
    st.sampled_from(["{" + name + "}" for name in FIELDS]),
    st.builds(lambda n, s: "{" + n + s + "}", st.sampled_from(FIELDS), brace_specs),
    st.sampled_from(["{levelno.real}", "{args[0]}", "<{process}>", "<{thread:d}>"]),
)
dollar_fields = st.sampled_from(
    [f"${name}" for name in FIELDS]
    + [f"${{{name}}}" for name in FIELDS]
    + [f"<${name}>" for name in IDS]
)
STYLES = {"%": percent_fields, "{": brace_fields, "$": dollar_fields}
dates = st.sampled_from(
    [
        None,
        "",
        "%Y",
        "%H:%M:%S",
        "%Y-%m-%dT%H:%M:%S%z",
        "%c %x %X",
        "%j %f %%",
        "text",
        "%d/%b/%y é",
        "%s",
        "%Z",
        "%",
        "a\x00b",
        "�",
        ["power", 3],
    ]
)
defaults = pairs.map(lambda found: [["user", "nobody"], *found])


@st.composite
def formatters(draw, *, odd=True):
    """Return a formatter; its format is built of fields and literals."""
    style = draw(st.sampled_from("%%%{$"))
    part = STYLES[style] | st.sampled_from(LITERALS[:7])
    if odd:
        part = st.one_of(part, part, part, st.sampled_from(LITERALS + BROKEN))
    fmt = "".join(draw(st.lists(part, max_size=6)))
    found = {"fmt": draw(st.sampled_from([fmt, fmt, fmt, fmt, None])), "style": style}
    shape = draw(st.integers(0, 11))
    if shape < 3:
        found["datefmt"] = draw(dates.filter(lambda d: not isinstance(d, list)))
    if shape in (2, 3):
        found["defaults"] = draw(defaults)
    if shape in (3, 4, 5):
        found["validate"] = draw(st.booleans())
    if shape == 5:
        found["converter"] = draw(st.sampled_from(["gmtime", "localtime"]))
    if shape == 6:
        found["default_time_format"] = draw(
            st.sampled_from(["%H:%M", "%Y-%m-%d", "\u00e9", ""])
        )
    if shape in (6, 7):
        found["default_msec_format"] = draw(
            st.sampled_from([None, "%s.%03d", "%s", "%03d %s", "", "%s,%d\u00e9"])
        )
    if shape == 8 and odd:
        found["class"] = draw(
            st.sampled_from(["message", "format", "time", "exception", "uses"])
        )
    return found


encodings = st.sampled_from(
    ["utf-8", "utf-8", "latin-1", "utf-16", "ascii", "utf-8-sig"]
)
error_names = st.sampled_from(
    ["strict", "backslashreplace", "surrogateescape", "replace"]
)
file_words = st.fixed_dictionaries(
    {}, optional={"encoding": encodings, "errors": error_names, "delay": st.booleans()}
)
classes = st.sampled_from(
    [
        "plain",
        "plain",
        "plain",
        "plain",
        "plain",
        "nothing",
        "emit",
        "format",
        "handle",
        "filter",
        "flush",
        "error",
        "lock",
        "terminator",
        "format-odd",
    ]
)
streams = st.sampled_from(
    [
        "string",
        "string",
        "string",
        "sub",
        "sub-plain",
        "spy",
        "noflush",
        "badflush",
        "bytes",
        "stderr",
        "stdout",
        "stderr",
        "stdout",
        "full",
        "string-newline",
    ]
)


def file_kind(kind, **more):
    """Return a file handler with random keywords."""
    return st.builds(
        lambda words, extra: ["file", [kind, {**words, **extra}]],
        file_words,
        st.fixed_dictionaries({k: st.sampled_from(v) for k, v in more.items()}),
    )


text_words = st.fixed_dictionaries(
    {"encoding": encodings},
    optional={
        "errors": error_names,
        "newline": st.sampled_from(["\n", "\r\n", "", "\r"]),
        "buffering": st.just(1),
    },
)
kinds = st.one_of(
    st.tuples(classes, streams).map(lambda pair: ["stream", list(pair)]),
    st.tuples(classes, streams).map(lambda pair: ["stream", list(pair)]),
    st.builds(
        lambda error: ["stream", ["plain", "bad", error]],
        st.sampled_from(ERRORS + RARE_ERRORS),
    ),
    text_words.map(lambda words: ["stream", ["plain", "text", words]]),
    file_kind("file"),
    file_kind("file", mode=["a", "w"]),
    file_kind("rotating", maxBytes=[0, 30, 100, 1000], backupCount=[0, 1, 3]),
    file_kind("timed", when=["S", "M", "H", "midnight", "W0"], backupCount=[0, 2]),
    file_kind("watched"),
    st.just(["null", None]),
    st.sampled_from([["python", "spy"], ["python", "format"], ["python", "recurse"]]),
    st.sampled_from([["python", "spy"], ["python", "format"]]),
    st.tuples(st.integers(1, 3), st.sampled_from([20, 40]), st.just(0)).map(
        lambda detail: ["memory", list(detail)]
    ),
    st.just(["queue", None]),
    st.sampled_from([["bare", None], ["console", 0], ["console", 40]]),
)
filters = st.one_of(
    st.tuples(st.just("name"), st.sampled_from(["", "a", "a.b", "b"])),
    st.tuples(st.just("raise"), st.sampled_from([*ERRORS, "KeyboardInterrupt"])),
    st.tuples(
        st.just("return"),
        st.sampled_from([True, False, 0, 1, None, "", "x", ["odd", {}]]),
    ),
    st.tuples(st.just("return"), st.just(["odd", {"bool": ["raise", "ValueError"]}])),
    st.tuples(st.sampled_from(["mutate", "true", "see", "replace"]), values),
    st.tuples(st.just("level"), st.sampled_from([0, 20, 40])),
)
filter_lists = st.one_of(
    st.just([]), st.just([]), st.just([]), st.lists(filters, max_size=2)
)
handler_levels = st.sampled_from([0, 0, 0, 10, 20, 30, 40, 55])


@st.composite
def handlers(draw):
    """Return a handler."""
    found = {"kind": draw(kinds), "level": draw(handler_levels)}
    if draw(st.integers(0, 3)):
        found["formatter"] = draw(st.integers(0, 1))
    if draw(st.integers(0, 9)) == 0:
        found["terminator"] = draw(
            st.sampled_from(["", "\0", "\r\n", "\u00e9\n", "--\n"])
        )
    if chosen := draw(filter_lists):
        found["filters"] = chosen
    if (value := draw(told)) is not None:
        found["background"] = value
    return found


@st.composite
def loggers(draw, name):
    """Return a logger called *name*."""
    found = {"name": name, "level": draw(st.sampled_from([0, 1, 10, 10, 20, 30]))}
    found["handlers"] = draw(st.lists(st.integers(0, 2), max_size=2, unique=True))
    shape = draw(st.integers(0, 14))
    if shape == 0:
        found["propagate"] = draw(st.sampled_from([False, 0, 1, True]))
    if shape == 1:
        found["disabled"] = draw(st.sampled_from([True, False, 1, 0]))
    if chosen := draw(filter_lists):
        found["filters"] = chosen
    return found


#: Those that the background writer can take.
described = st.one_of(
    file_kind("file"),
    file_kind("file", encoding=["utf-8"]),
    file_kind("rotating", maxBytes=[0, 30, 100, 1000], backupCount=[0, 1, 3]),
    file_kind("rotating", maxBytes=[50, 200], backupCount=[2], encoding=["utf-8"]),
    file_kind("timed", when=["S", "M", "H", "midnight", "W0"], backupCount=[0, 2]),
    file_kind("timed", when=["S", "H"], backupCount=[0, 2], encoding=["utf-8"]),
    file_kind("file", encoding=["utf-8"], errors=["strict"]),
    file_kind("rotating", maxBytes=[0, 100], backupCount=[1], encoding=["utf-8"]),
    file_kind("watched", encoding=["utf-8"]),
    text_words.map(lambda words: ["stream", ["plain", "text", words]]),
    st.tuples(st.just("plain"), st.sampled_from(["stderr", "stdout"])).map(
        lambda detail: ["stream", list(detail)]
    ),
    st.tuples(classes, st.sampled_from(["stderr", "stdout"])).map(
        lambda detail: ["stream", list(detail)]
    ),
)


@st.composite
def described_handlers(draw):
    """Return a handler whose stream has a file descriptor."""
    found = {"kind": draw(described), "level": draw(st.sampled_from([0, 0, 0, 30]))}
    if draw(st.integers(0, 5)):
        found["formatter"] = draw(st.integers(0, 1))
    if draw(st.integers(0, 9)) == 0:
        found["terminator"] = draw(st.sampled_from(["", "\0", "\r\n", "\u00e9\n"]))
    if draw(st.integers(0, 9)) == 0:
        found["filters"] = [draw(filters)]
    if (value := draw(told)) is not None:
        found["background"] = value
    return found


@st.composite
def described_trees(draw):
    """Return a tree of two loggers, with handlers that have file descriptors."""
    made = [draw(described_handlers()) for _ in range(draw(st.integers(1, 3)))]
    which = st.lists(st.integers(0, len(made) - 1), max_size=3, unique=True)
    return {
        "formatters": [draw(formatters(odd=draw(st.booleans()))) for _ in range(2)],
        "handlers": made,
        "loggers": [
            {"name": "a.b", "level": 10, "handlers": draw(which)},
            {"name": "a", "handlers": [0]},
        ],
    }


@st.composite
def trees(draw, *, odd=True):
    """Return two formatters, three handlers, and loggers that form a tree."""
    names = draw(
        st.sampled_from([["a"], ["a", "a.b"], ["a", "a.b.c", "root"], ["a.b", "b"]])
    )
    return {
        "formatters": [draw(formatters(odd=odd)) for _ in range(2)],
        "handlers": [draw(handlers()) for _ in range(3)],
        "loggers": [draw(loggers(name)) for name in names]
        + [
            {
                "name": None,
                "handlers": draw(st.sampled_from([[], [], [2]])),
                "level": 10,
            }
        ],
        "levels": draw(
            st.lists(st.tuples(any_level, plain_texts), max_size=1)
            | st.just([[15, "NOTICE"], [20, "INFORMATION"]])
        ),
    }
