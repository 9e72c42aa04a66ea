"""Random cases as plain data: messages, values, formats, handlers, trees, steps."""

from __future__ import annotations

from hypothesis import strategies as st

ERRORS = ["ValueError", "TypeError", "KeyError", "OSError", "RecursionError"]
RARE_ERRORS = ["MemoryError", "KeyboardInterrupt", "SystemExit", "StopIteration"]

texts = st.one_of(
    st.sampled_from(
        [
            "plain",
            "",
            "two\nlines",
            "tab\t and \x00 nul",
            "caf\u00e9",
            "\u20ac and \u65e5\u672c",
            "\U0001f600 astral",
            "\udc80 lone \ud800",
            "\x85\u2028 separators",
            "\r\n",
            "100%",
            "%s",
            "{}",
            "$x",
            "\\ backslash 'quote' \"double\"",
            ["repeat", ["long ", 3000]],
            ["repeat", ["\u00e9%s ", 700]],
        ]
    ),
    st.text(max_size=12),
    st.text(st.characters(min_codepoint=0x80), max_size=6),
    st.text(st.characters(categories=["Cs", "Cc", "Zl", "So"]), max_size=4),
)
plain_texts = st.one_of(st.sampled_from(["a", "user", "x y"]), st.text(max_size=8))
integers = st.one_of(
    st.integers(-20, 300),
    st.integers(-(2**65), 2**65),
    st.sampled_from([2**31, -(2**31) - 1, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1]),
    st.sampled_from([["power", 30], ["minus-power", 400], ["power", 5000]]),
)
floats = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0.0, -0.0, 5e-324, 1e16, 1e22, 1e-5, 123456.789, 1.0, 1e300, 0.1]),
    st.sampled_from([["float", "nan"], ["float", "inf"], ["float", "-inf"]]),
    st.sampled_from([0.5, 1.5, 2.5, 1e15, 9007199254740993.0, 0.045, 2.675]),
)
plans = st.one_of(
    st.tuples(st.just("text"), st.sampled_from(["spoken", "\u00e9", "", "%s"])),
    st.tuples(st.just("raise"), st.sampled_from(ERRORS + RARE_ERRORS)),
    st.tuples(st.just("return"), st.sampled_from([5, None, ["bytes", "x"]])),
    st.tuples(st.just("log"), st.just("deep")),
)
special = st.sampled_from(["str", "str", "repr", "repr", "format", "int", "index"])
more_special = st.sampled_from(["float", "bool", "eq"])
odd = st.dictionaries(special | more_special, plans, max_size=2).map(
    lambda plan: ["odd", plan]
)
extras = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"notes": st.lists(texts.filter(lambda t: type(t) is str))}),
    st.just({"cause": ["KeyError", ["k"], {}]}),
    st.just({"context": ["OSError", [2, "gone"], {}]}),
    st.just({"group": [["ValueError", ["one"], {}], ["TypeError", [], {}]]}),
    st.just({"bare": True}),
)
errors = st.tuples(
    st.sampled_from([*ERRORS, "OddError", "ZeroDivisionError"]),
    st.lists(st.sampled_from(["boom", "\u00e9\n", 5, "\udc80"]), max_size=2),
    extras,
)
simple = st.one_of(texts, integers, floats, st.booleans(), st.none(), plain_texts)
strange = st.one_of(
    odd,
    odd,
    st.sampled_from(
        [
            ["strsub", "sub"],
            ["spoken", "content"],
            ["intsub", 7],
            ["floatsub", 2.5],
            ["decimal", "1.50"],
            ["decimal", "NaN"],
            ["fraction", "1/3"],
            ["bytes", "raw\xff"],
            ["bytearray", "raw"],
            ["complex", 2],
            ["date", 40],
            ["type", "ValueError"],
            ["range", 3],
            ["ellipsis"],
            ["self-list"],
            ["frozenset", [1]],
        ]
    ),
    errors.map(lambda e: ["exc", e]),
)
keys = st.sampled_from(["a", "b", "name", "", "message", "\u00e9"])
pairs = st.lists(st.tuples(keys, simple), max_size=3, unique_by=lambda pair: pair[0])
containers = st.one_of(
    st.tuples(st.sampled_from(["tuple", "list"]), st.lists(simple, max_size=3)),
    st.tuples(st.sampled_from(["dict", "mapping", "proxy"]), pairs),
    st.tuples(st.just("list"), st.lists(strange, max_size=2)),
).map(list)
values = st.one_of(simple, simple, simple, strange, containers)

# -- messages --

flags = st.sampled_from(["", "", "", "-", "0", "+", " ", "#", "-0", "+0", "#0", " 0-"])
widths = st.sampled_from(["", "", "", "1", "5", "12", "30", "*"])
precisions = st.sampled_from(["", "", "", ".0", ".2", ".5", ".", ".20", ".*", ".330"])
sizes = st.sampled_from(["", "", "", "", "l", "h", "L"])
conversions = st.sampled_from("sssddddrrafFgGeExXoicu%")
names = st.sampled_from(["", "", "", "", "", "(a)", "(b)", "(missing)", "(", "()"])
directives = st.builds(
    lambda *parts: "%" + "".join(parts),
    names,
    flags,
    widths,
    precisions,
    sizes,
    conversions,
)
literals = st.sampled_from(
    ["", " ", "user ", ": ", "\u00e9", "\n", "%%", "\U0001f600", "\udc80", "%"]
)
plain_directives = st.sampled_from(["%s", "%d", "%s", "%r", "%.2f", "%5d", "%x", "%i"])
pieces = st.one_of(literals, plain_directives, plain_directives, directives)
patterns = st.lists(pieces, max_size=6).map("".join)
messages = st.one_of(patterns, patterns, patterns, texts, values)


@st.composite
def fitting(draw):
    """Return a message with as many fitting arguments as it has directives."""
    kinds = draw(st.lists(st.sampled_from("sdrfxga"), max_size=4))
    words, found = [], []
    for kind in kinds:
        flag, width, precision = draw(flags), draw(widths), draw(precisions)
        if "*" in width + precision:
            width = precision = ""
        words.append(f"{draw(literals).strip('%')}%{flag}{width}{precision}{kind}")
        if kind in "dxfg":
            found.append(draw(integers if kind in "dx" else floats | integers))
        else:
            found.append(draw(values))
    return "".join(words) + draw(st.sampled_from(["", ".", "%%", "\n"])), found


loose = st.tuples(messages, st.lists(values, max_size=4))
mappings = st.tuples(
    st.sampled_from(["%(a)s", "%(a)d %(b)r", "x %(name)s", "%s", "no", "%(a)5.1f%%"]),
    st.tuples(st.sampled_from(["dict", "dict", "mapping", "proxy"]), pairs).map(
        lambda pair: [list(pair)]
    ),
)
said = st.one_of(fitting(), fitting(), fitting(), loose, mappings).map(
    lambda both: [both[0], *both[1]]
)

# -- calls --

methods = st.sampled_from(
    [
        "debug",
        "info",
        "info",
        "warning",
        "error",
        "critical",
        "exception",
        "warn",
        "fatal",
        "log",
    ]
)
level_numbers = st.sampled_from([10, 20, 30, 40, 50, 5, 15, 55, 0, -3, 10**12, 20, 35])
any_level = st.one_of(
    level_numbers,
    level_numbers,
    st.sampled_from([True, False, "INFO", None, 20.0, ["intsub", 20], ["power", 40]]),
)
extra_pairs = st.lists(
    st.tuples(
        st.sampled_from(["user", "ip", "user", "x y", "", "message", "asctime", "name"])
        | st.sampled_from(["exc_text", "levelname", "taskName", "\udc80", 5]),
        values,
    ),
    max_size=3,
    unique_by=lambda pair: str(pair[0]),
)
extra_values = st.one_of(
    extra_pairs.map(lambda found: ["dict", found]),
    extra_pairs.map(lambda found: ["dict", found]),
    extra_pairs.map(lambda found: ["mapping", [p for p in found if p[0] != 5]]),
    st.sampled_from([None, 5, "text", ["list", []], ["list", ["a"]], ["dict", []]]),
)
exc_infos = st.one_of(
    st.sampled_from([True, True, False, None, 0, 1, "yes", ["tuple", []]]),
    st.just(["tuple", [None, None, None]]),
    errors.map(lambda e: ["exc", e]),
    errors.map(lambda e: ["exc_info", e]),
    st.sampled_from([["tuple", [1, 2]], ["list", [1]], odd_spec := ["odd", {}]]),
)
stack_levels = st.sampled_from([1, 2, 3, 5, 0, -1, 100, True, "two", 1.5, None])
keywords = st.one_of(
    st.just([]),
    st.just([]),
    st.just([]),
    st.lists(
        st.one_of(
            st.tuples(st.just("extra"), extra_values),
            st.tuples(st.just("exc_info"), exc_infos),
            st.tuples(st.just("stack_info"), st.sampled_from([True, False, 1, None])),
            st.tuples(st.just("stacklevel"), stack_levels),
            st.tuples(
                st.sampled_from(["unknown", "msg", "level", "args"]),
                plain_texts,
            ),
        ),
        max_size=3,
        unique_by=lambda pair: pair[0],
    ),
)
hows = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"line": st.sampled_from([0, 1, 40, 300, 70000])}),
    st.fixed_dictionaries({"times": st.integers(2, 3)}),
    st.fixed_dictionaries({"exc": errors}),
    st.fixed_dictionaries({"depth": st.integers(1, 4), "star": st.booleans()}),
    st.fixed_dictionaries({"star": st.just(True)}),
    st.fixed_dictionaries({"thread": st.sampled_from(["worker", "th\u00e9"])}),
    st.fixed_dictionaries({"task": st.sampled_from(["job", "t\u00e2che"])}),
)
small = st.integers(0, 3)


@st.composite
def calls(draw, kind="logger"):
    """Return one log call."""
    method = draw(methods)
    words = draw(said)
    if method == "log":
        words = [draw(any_level), *words]
    if draw(st.integers(0, 30)) == 0:
        words = words[: draw(st.integers(0, 1))]
    which = [kind, draw(small) if kind != "module" else "logging"]
    return ["call", which, method, words, draw(keywords), draw(hows)]


def simple_calls():
    """Return calls without keywords, as most programs make."""
    return st.builds(
        lambda method, words, how: ["call", ["logger", 0], method, words, [], how],
        st.sampled_from(["debug", "info", "warning", "error", "critical"]),
        said,
        st.sampled_from(
            [{}, {}, {"times": 2}, {"times": 3}, {"line": 7}, {"star": True}]
        ),
    )


plain_arguments = st.one_of(
    st.sampled_from(["text", "caf\u00e9", "", "\u65e5\u672c", "\U0001f600"]),
    st.text(max_size=8),
    st.integers(-(2**63), 2**63 - 1),
    floats.filter(lambda value: type(value) is float),
    st.booleans(),
    st.none(),
)


@st.composite
def plain_calls(draw):
    """Return calls that a writer can format: said more than once, by one object."""
    kinds = draw(st.lists(st.sampled_from("ssdfrxg"), max_size=4))
    words, found = [], []
    for kind in kinds:
        spec = draw(st.sampled_from(["", "", "5", "-8", ".2", "08"]))
        words.append(f"{draw(literals).strip('%')}%{spec}{kind}")
        numbers = st.integers(-999, 2**40) if kind in "dx" else floats
        found.append(draw(plain_arguments if kind in "sr" else numbers | st.booleans()))
    return [
        "call",
        ["logger", draw(small)],
        draw(st.sampled_from(["debug", "info", "warning", "error", "critical"])),
        ["".join(words), *found],
        [],
        {"times": draw(st.integers(2, 3))},
    ]


clocks = st.tuples(
    st.integers(10**18, 2 * 10**18),
    st.sampled_from([0, 1, 999, 1_000_003, 250_000_000, 1_000_000_000, 61 * 10**9]),
)
zones = st.sampled_from(["UTC", "UTC", "Europe/Berlin", "Asia/Kathmandu", "XYZ+3:30"])

# -- the background writer: what a case says of it, other modes pass over --

#: What stderr and stdout are: texts, or streams with a descriptor (Console).
real_consoles = st.builds(
    lambda kind, buffering, words: [kind, buffering, *words],
    st.sampled_from(["file", "pipe", "shared"]),
    st.sampled_from(["line", "block", "through"]),
    st.sampled_from(
        [
            ["utf-8", "strict"],
            ["utf-8", "surrogateescape"],
            ["latin-1", "replace"],
            ["ascii", "strict"],
        ]
    ),
)
consoles = st.one_of(st.none(), real_consoles, real_consoles)
told = st.sampled_from([None, None, True, True, False])


def with_keyword(handlers):
    """Return handlers some of which are given the keyword `background`."""
    return st.builds(
        lambda spec, value: spec if value is None else {**spec, "background": value},
        handlers,
        told,
    )


def with_writer(cases):
    """Return cases on several consoles, where the keyword matters in some."""
    return st.builds(
        lambda case, console, default: {
            **case,
            "console": console,
            "background": default,
        },
        cases,
        consoles,
        st.sampled_from([True, True, True, False]),
    )


printed = st.builds(
    lambda name, text: ["print", name, text],
    st.sampled_from(["stderr", "stdout", "stdout"]),
    st.sampled_from(["printed\n", "half a line ", "caf\u00e9\n", ".", "\udc80"]),
)


def as_one(strategy):
    """Return *strategy* as one choice among others.

    one_of() takes apart what is one_of() itself, also under map(), so that a choice
    between a call and fifty changes would hardly ever be a call.
    """
    return st.builds(list, strategy)


behind = as_one(
    st.one_of(
        printed,
        printed,
        small.map(lambda which: ["read", which]),
        st.builds(
            lambda which, value: ["background", which, value], small, st.booleans()
        ),
    )
)
