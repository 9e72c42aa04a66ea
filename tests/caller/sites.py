"""Call sites: log calls as users write them, in many shapes and on many lines."""

from __future__ import annotations

import functools

from things import EVENTS


@functools.lru_cache(maxsize=4096)
def find(method, count, names, line):
    """Return a function whose only statement is the call, on a line of its own.

    The call is compiled, so that it is a real `logger.info(a, b, c=d)` with the
    interpreter's own opcodes, not a star call.
    """
    places = [f"a{i}" for i in range(count)]
    safe = [n for n in names if n.isidentifier()]
    if len(safe) != len(names):
        return starred(method)
    words = ", ".join(places + [f"{n}={n}_" for n in safe])
    takes = ", ".join(["target", *places] + ([f"*, {spell(safe)}"] if safe else []))
    text = "\n" * line + f"def site({takes}):\n    return target.{method}({words})\n"
    space: dict = {}
    exec(compile(text, f"site-{method}.py", "exec"), space)
    made = space["site"]
    if not safe:
        return made

    def renamed(target, *args, **kwargs):
        return made(target, *args, **{f"{k}_": v for k, v in kwargs.items()})

    return renamed


def spell(names):
    """Return parameter names for the keywords *names*."""
    return ", ".join(f"{n}_" for n in names)


@functools.cache
def starred(method):
    """Return a function that makes the call with stars."""

    def site(target, *args, **kwargs):
        return getattr(target, method)(*args, **kwargs)

    return site


def within(error, act):
    """Run *act* while *error* is being handled."""
    try:
        raise error
    except BaseException:
        act()


def deep(depth, act):
    """Run *act* under *depth* more frames."""
    if depth <= 0:
        return act()
    return deep(depth - 1, act)


def wrapping(old, label):
    """Return a Python function around *old* that is reported."""

    @functools.wraps(old)
    def patched(*args, **kwargs):
        EVENTS.append(["patched", label])
        return old(*args, **kwargs)

    return patched
