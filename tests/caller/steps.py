"""Whole random cases: a set-up and what is done to it, step by step."""

from __future__ import annotations

from hypothesis import strategies as st

from caller.formats import (
    dates,
    defaults,
    described_trees,
    filters,
    formatters,
    trees,
)
from caller.strategies import (
    any_level,
    as_one,
    behind,
    calls,
    clocks,
    errors,
    exc_infos,
    extra_pairs,
    plain_calls,
    plain_texts,
    real_consoles,
    said,
    simple_calls,
    small,
    texts,
    values,
    with_keyword,
    with_writer,
    zones,
)

# -- messages: one format, many messages --

message_handlers = with_keyword(
    st.sampled_from(
        [
            {"kind": ["stream", ["plain", "stderr"]]},
            {"kind": ["stream", ["plain", "stdout"]]},
            {"kind": ["file", ["watched", {"encoding": "utf-8"}]]},
            {"kind": ["file", ["timed", {"encoding": "utf-8", "when": "H"}]]},
            {"kind": ["stream", ["plain", "string"]]},
            {"kind": ["stream", ["plain", "spy"]]},
            {"kind": ["file", ["file", {"encoding": "utf-8"}]]},
            {
                "kind": [
                    "file",
                    ["file", {"encoding": "utf-8", "errors": "surrogateescape"}],
                ]
            },
            {"kind": ["file", ["rotating", {"maxBytes": 64, "backupCount": 1}]]},
            {"kind": ["python", "spy"]},
            {"kind": ["python", "format"]},
        ]
    )
)
message_formatters = st.sampled_from(
    [
        {},
        {"fmt": "%(levelname)s:%(name)s:%(message)s"},
        {"fmt": "%(asctime)s %(levelname)-8s %(name)s %(message)s"},
        {"fmt": "{levelname:<8} {message}", "style": "{"},
        {"fmt": "$asctime $message", "style": "$"},
        {"fmt": "%(filename)s:%(lineno)d %(funcName)s %(message)s"},
    ]
)
messages = st.builds(
    lambda clock, formatter, handler, first, rest: {
        "clock": clock,
        "formatters": [formatter],
        "handlers": [{**handler, "formatter": 0}],
        "loggers": [{"name": "a.b", "level": 10, "handlers": [0]}],
        "ops": [first, *rest],
    },
    clocks,
    message_formatters,
    message_handlers,
    simple_calls(),
    st.lists(
        st.one_of(simple_calls(), simple_calls(), simple_calls(), behind),
        max_size=5,
    ),
)

# -- formats: many formats, few messages --

format_steps = st.lists(
    st.one_of(
        simple_calls(),
        st.builds(
            lambda method, extra, how: [
                "call",
                ["logger", 0],
                method,
                ["m %s", 5],
                [["extra", ["dict", [*extra, ["user", "me"]]]]],
                how,
            ],
            st.sampled_from(["info", "error", "exception"]),
            st.lists(st.tuples(st.sampled_from(["ip", "missing"]), values), max_size=1),
            st.one_of(st.just({}), errors.map(lambda e: {"exc": e})),
        ),
    ),
    min_size=1,
    max_size=3,
)
formats = st.builds(
    lambda clock, zone, made, stream, steps: {
        "clock": clock,
        "zone": zone,
        "formatters": made,
        "handlers": [
            {"kind": stream, "formatter": 0},
            {"kind": ["python", "format"], "formatter": len(made) - 1},
        ],
        "loggers": [{"name": "a.b", "level": 10, "handlers": [0, 1][: len(made)]}],
        "ops": steps,
    },
    clocks,
    zones,
    st.lists(formatters(), min_size=1, max_size=2),
    st.sampled_from(
        [
            ["stream", ["plain", "string"]],
            ["stream", ["plain", "stdout"]],
            ["file", ["file", {}]],
        ]
    ),
    format_steps,
)

# -- calls: every keyword, every way to call --

any_call = st.one_of(calls(), calls(), calls("adapter"), calls("module"))
call_cases = st.builds(
    lambda clock, handler, formatter, first, rest: {
        "clock": clock,
        "formatters": [formatter],
        "handlers": [
            {**handler, "formatter": 0},
            {"kind": ["python", "spy"], "level": 30},
        ],
        "loggers": [
            {"name": "a.b", "level": 5, "handlers": [0]},
            {"name": "a", "handlers": [1]},
            {"name": None, "handlers": [1], "level": 0},
        ],
        "ops": [first, *rest],
    },
    clocks,
    message_handlers,
    message_formatters,
    any_call,
    st.lists(
        st.one_of(any_call, any_call, any_call, any_call, behind),
        max_size=4,
    ),
)

# -- trees: loggers, handlers, filters, and changes between the calls --


def setting(path, name, choices):
    """Return steps that assign one attribute."""
    return st.builds(lambda which, v: ["set", path(which), name, v], small, choices)


def on(kind):
    """Return a function from an index to a path of this kind."""
    return lambda which: [kind, which]


def doing(kind, method, *choices):
    """Return steps that call one method."""
    return st.builds(
        lambda which, *args: ["do", [kind, which], method, list(args)], small, *choices
    )


boolish = st.sampled_from([True, False, 0, 1])
patched = [
    ["Logger", m]
    for m in [
        "debug",
        "info",
        "warning",
        "error",
        "critical",
        "exception",
        "log",
        "_log",
        "handle",
        "makeRecord",
        "callHandlers",
        "isEnabledFor",
        "getEffectiveLevel",
        "findCaller",
        "filter",
        "hasHandlers",
        "addHandler",
    ]
]
patched += [
    ["Handler", m] for m in ["handle", "format", "filter", "acquire", "release"]
]
patched += [["Handler", m] for m in ["handleError", "flush", "createLock"]]
patched += [["StreamHandler", m] for m in ["emit", "flush"]]
patched += [["FileHandler", m] for m in ["emit", "_open", "close"]]
patched += [
    ["Formatter", m]
    for m in [
        "format",
        "formatTime",
        "formatMessage",
        "formatException",
        "formatStack",
        "usesTime",
    ]
]
patched += [["PercentStyle", m] for m in ["format", "_format", "usesTime"]]
patched += [["LogRecord", m] for m in ["getMessage", "__init__"]]
patched += [["Filterer", "filter"], ["BufferingFormatter", "format"]]
patched += [
    ["RotatingFileHandler", m] for m in ["shouldRollover", "doRollover", "emit"]
]
patched += [["BaseRotatingHandler", m] for m in ["emit", "rotate"]]
patched += [["WatchedFileHandler", "emit"], ["QueueHandler", "prepare"]]
levels = st.sampled_from([0, 1, 10, 20, 30, 40, 60])

changes = st.one_of(
    st.one_of(
        setting(on("logger"), "level", levels | st.sampled_from(["INFO", None])),
        setting(on("logger"), "disabled", boolish),
        setting(on("logger"), "propagate", boolish),
        setting(
            on("logger"), "name", st.sampled_from(["renamed", "\u00e9", ["odd", {}]])
        ),
        setting(
            on("logger"), "handlers", st.sampled_from([["list", []], ["tuple", []]])
        ),
        setting(on("logger"), "filters", st.just(["list", []])),
        setting(on("logger"), "parent", st.none()),
        doing("logger", "setLevel", any_level),
        doing("logger", "addHandler", small.map(lambda i: ["the", ["handler", i]])),
        doing("logger", "removeHandler", small.map(lambda i: ["the", ["handler", i]])),
        doing("logger", "addFilter", filters.map(lambda f: ["filter", list(f)])),
        doing("logger", "isEnabledFor", any_level),
        doing("logger", "getEffectiveLevel"),
        doing("logger", "hasHandlers"),
        doing("logger", "getChild", plain_texts),
    ),
    st.one_of(
        setting(on("handler"), "level", levels),
        setting(on("handler"), "terminator", st.sampled_from(["", "\0", "END\n", 5])),
        setting(on("handler"), "formatter", st.none()),
        setting(on("handler"), "lock", st.none()),
        setting(on("handler"), "stream", st.sampled_from([None, ["odd", {}]])),
        doing("handler", "setLevel", any_level),
        doing("handler", "setStream", st.just(["stream"])),
        doing(
            "handler", "setFormatter", small.map(lambda i: ["the", ["formatter", i]])
        ),
        doing("handler", "addFilter", filters.map(lambda f: ["filter", list(f)])),
        doing("handler", "close"),
        doing("handler", "flush"),
        doing("handler", "doRollover"),
        small.map(lambda i: ["rename", i]),
        small.map(lambda i: ["close_stream", i]),
    ),
    st.one_of(
        setting(on("formatter"), "datefmt", dates),
        setting(on("formatter"), "_fmt", st.sampled_from(["%(asctime)s new", None])),
        setting(
            on("formatter"), "default_msec_format", st.sampled_from([None, "%s;%d"])
        ),
        setting(
            on("style"),
            "_fmt",
            st.sampled_from(
                ["%(message)s!", "{message}?", "$message", "%(nope)s", "", 5]
            ),
        ),
        setting(on("style"), "_defaults", defaults.map(lambda d: ["dict", d])),
    ),
    st.one_of(
        st.sampled_from(patched).map(lambda which: ["patch", *which]),
        st.just(["unpatch"]),
        st.builds(
            lambda path, method: ["patch_instance", path, method],
            st.tuples(st.just("logger"), small),
            st.sampled_from(
                ["_log", "handle", "makeRecord", "findCaller", "callHandlers"]
            ),
        ),
        st.builds(
            lambda path, method: ["patch_instance", path, method],
            st.tuples(st.just("handler"), small),
            st.sampled_from(["emit", "format", "handle", "acquire", "filter", "flush"]),
        ),
        st.builds(
            lambda path, method: ["patch_instance", path, method],
            st.tuples(st.just("formatter"), small),
            st.sampled_from(["format", "formatTime", "formatException", "usesTime"]),
        ),
        st.sampled_from(["plain", "sub", "wrap"]).map(lambda kind: ["factory", kind]),
        st.sampled_from(
            [
                ["set", ["module", "logging"], "raiseExceptions", False],
                ["set", ["module", "logging"], "lastResort", None],
                ["set", ["module", "logging"], "logThreads", False],
                ["set", ["module", "logging"], "logProcesses", False],
                ["set", ["module", "logging"], "logMultiprocessing", False],
                ["set", ["module", "logging"], "_srcfile", None],
                ["set", ["class", "StreamHandler"], "terminator", "#\n"],
                ["set", ["class", "Formatter"], "default_time_format", "%H"],
                ["set", ["class", "Formatter"], "default_msec_format", "%s:%d"],
                ["set", ["class", "Logger"], "disabled", True],
                ["do", ["module", "logging"], "disable", [20]],
                ["do", ["module", "logging"], "disable", [0]],
                ["do", ["module", "logging"], "addLevelName", [20, "Info\u00e9"]],
                ["set", ["manager", 0], "disable", 30],
                ["set", ["manager", 0], "disable", 0],
                ["do", ["module", "logging"], "captureWarnings", [False]],
            ]
        ),
    ),
)
tree_cases = st.builds(
    lambda clock, tree, first, rest: {**tree, "clock": clock, "ops": [first, *rest]},
    clocks,
    trees(),
    calls(),
    st.lists(
        st.one_of(simple_calls(), calls(), as_one(changes), as_one(changes), behind),
        min_size=1,
        max_size=8,
    ),
)

# -- direct: records and formatters without a logger, or in one's own hands --

record_fields = st.lists(
    st.tuples(
        st.sampled_from(
            ["msg", "args", "levelname", "levelno", "created", "msecs", "name"]
        )
        | st.sampled_from(["exc_info", "exc_text", "stack_info", "message", "asctime"]),
        values,
    ),
    max_size=4,
    unique_by=lambda pair: pair[0],
).map(lambda found: [list(item) for item in found])
constructor = st.builds(
    lambda name, level, path, line, words, exc, more: [
        "record",
        [name, level, path, line, words[0], ["tuple", words[1:]], exc],
        more,
    ],
    st.sampled_from(["a.b", "", None, 5]),
    any_level,
    st.sampled_from(
        ["/x/y.py", "noext", "", None, 5, "\u00e9/.py", ["bytes", "a/b.py"]]
    ),
    st.sampled_from([0, 7, None, "x"]),
    said,
    exc_infos,
    st.sampled_from([[], [["func", "f"]], [["sinfo", "S"]], [["odd", 1]]]),
)
makers = st.one_of(
    constructor,
    constructor,
    record_fields.map(lambda fields: ["make_record", fields]),
    st.builds(
        lambda words, extra: [
            "logger_record",
            0,
            ["a", 20, "f.py", 3, words[0], ["tuple", words[1:]], None],
            [["extra", ["dict", extra]]],
        ],
        said,
        extra_pairs,
    ),
)
uses = st.one_of(
    st.just(["look", 0]),
    st.builds(lambda which: ["format", which, 0], small),
    st.builds(lambda which: ["format", which, 0], small),
    st.builds(
        lambda kind, which, method: [
            "do",
            [kind, which],
            method,
            [["the", ["record", 0]]],
        ],
        st.just("handler"),
        small,
        st.sampled_from(["handle", "emit", "format", "handleError", "filter"]),
    ),
    st.builds(
        lambda method: ["do", ["logger", 0], method, [["the", ["record", 0]]]],
        st.sampled_from(["handle", "callHandlers", "filter"]),
    ),
    st.builds(
        lambda name, value: ["set", ["record", 0], name, value],
        st.sampled_from(["msg", "args", "message", "exc_text", "created", "levelname"]),
        st.one_of(texts, values),
    ),
    st.builds(
        lambda name: ["delete", ["record", 0], name],
        st.sampled_from(["msg", "args", "exc_text", "created", "name", "stack_info"]),
    ),
)
direct_cases = st.builds(
    lambda clock, tree, maker, steps, last: {
        **tree,
        "clock": clock,
        "ops": [maker, *steps, last],
    },
    clocks,
    trees(),
    makers,
    st.lists(st.one_of(uses, uses, uses, behind), min_size=1, max_size=5),
    simple_calls(),
)

# -- files: handlers that have a file descriptor, in as many ways --

utf8 = {"encoding": "utf-8"}
writer_handlers = with_keyword(
    st.sampled_from(
        [
            {"kind": ["stream", ["plain", "stderr"]]},
            {"kind": ["stream", ["plain", "stdout"]]},
            {"kind": ["stream", ["plain", "text", utf8]]},
            {"kind": ["file", ["file", utf8]]},
            {"kind": ["file", ["watched", utf8]]},
            {
                "kind": [
                    "file",
                    ["rotating", {**utf8, "maxBytes": 90, "backupCount": 2}],
                ]
            },
            {"kind": ["file", ["rotating", {**utf8, "maxBytes": 900}]]},
            {"kind": ["file", ["timed", {**utf8, "when": "S", "backupCount": 1}]]},
            {"kind": ["null", None]},
        ]
    )
)
levels_of_handlers = st.sampled_from([0, 0, 0, 20, 40])
pushed_cases = st.builds(
    lambda clock, zone, made, handlers, levels, console, default, steps: {
        "clock": clock,
        "zone": zone,
        "formatters": made,
        "handlers": [
            {**handler, "formatter": number % len(made), "level": level}
            for number, (handler, level) in enumerate(
                zip(handlers, levels, strict=False)
            )
        ],
        "loggers": [
            {"name": "a.b", "level": 10, "handlers": list(range(len(handlers)))[:2]},
            {"name": "a", "handlers": list(range(len(handlers)))[2:]},
        ],
        "console": console,
        "background": default,
        "ops": steps,
    },
    clocks,
    zones,
    st.lists(
        message_formatters | formatters(odd=False).filter(lambda f: "class" not in f),
        min_size=1,
        max_size=2,
    ),
    st.lists(writer_handlers, min_size=1, max_size=4),
    st.lists(levels_of_handlers, min_size=4, max_size=4),
    real_consoles,
    st.sampled_from([True, True, True, False]),
    st.lists(
        st.one_of(
            plain_calls(), plain_calls(), simple_calls(), behind, as_one(changes)
        ),
        min_size=1,
        max_size=10,
    ),
)

file_cases = st.builds(
    lambda clock, tree, console, default, first, rest: {
        **tree,
        "clock": clock,
        "console": console,
        "background": default,
        "ops": [first, *rest],
    },
    clocks,
    described_trees(),
    real_consoles,
    st.sampled_from([True, True, True, False]),
    simple_calls(),
    st.lists(
        st.one_of(
            st.one_of(plain_calls(), simple_calls()),
            plain_calls(),
            st.one_of(simple_calls(), calls()),
            behind,
            as_one(changes),
        ),
        max_size=8,
    ),
)

CASES = {
    "messages": with_writer(messages),
    "formats": with_writer(formats),
    "calls": with_writer(call_cases),
    "trees": with_writer(tree_cases),
    "direct": with_writer(direct_cases),
    "files": file_cases | pushed_cases,
}
