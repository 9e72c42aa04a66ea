"""Run tests of the interpreter's own `test.test_logging`: `child.py CANDIDATE OUT ID…`.

Nothing here imports `logging`, or what imports it, before the candidate is in place.
Each verdict is appended to OUT as one line of JSON, so that a crash loses none.
"""

import importlib
import json
import os
import re
import sys

#: How the `-c` programs that tests start import the candidate.
IMPORTS = {
    "fastlog": "import fastlog as logging",
    "fastlog+install": "import logging; import fastlog; fastlog.install()",
}


def substitute(candidate):
    """Make `import logging` give the candidate from now on."""
    if candidate == "logging":
        return
    fastlog = importlib.import_module("fastlog")
    if candidate == "fastlog+install":
        fastlog.install()
        return
    names = ("", ".handlers", ".config")
    ours = [importlib.import_module("fastlog" + name) for name in names]
    for name, module in zip(names, ours, strict=True):
        sys.modules["logging" + name] = module


def convert(function, candidate):
    """Return `assert_python_ok` or `…_failure` with the candidate in `-c` programs."""

    def converted(option, code, **env):
        ours, found = re.subn(
            r"^( *)import logging$",
            rf"\1{IMPORTS[candidate]}",
            code,
            flags=re.MULTILINE,
        )
        if not found:
            raise AssertionError(f"no `import logging` to replace in: {code}")
        return function(option, ours, **env)

    return converted


def load(candidate):
    """Import `test.test_logging` on the candidate."""
    tests = importlib.import_module("test.test_logging")
    if candidate != "logging":
        for name in ("assert_python_ok", "assert_python_failure"):
            setattr(tests, name, convert(getattr(tests, name), candidate))
    return tests


def result(tell):
    """Return a TestResult that tells each verdict as soon as it is known."""
    import traceback
    import unittest

    def teller(verdict):
        def told(self, test, err=None):
            text = traceback.format_exception(*err) if isinstance(err, tuple) else ()
            tell(test=name_of(test), verdict=verdict, detail="".join(text)[-3000:])

        return told

    class Result(unittest.TestResult):
        startTest = teller("started")
        addSuccess = addExpectedFailure = teller("passed")
        addFailure = addError = addUnexpectedSuccess = teller("failed")
        addSkip = teller("skipped")

        def addSubTest(self, test, subtest, err):
            if err is not None:
                self.addFailure(test, err)

    return Result()


def name_of(test):
    """Return `Class.test`, the last two parts of a test's name."""
    return ".".join(test.id().split(".")[-2:])


def main():
    """Run the tests named on the command line, or list all of them."""
    candidate, out, *names = sys.argv[1:]
    descriptor = os.open(out, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    parent = os.getpid()

    def tell(**event):
        if os.getpid() == parent:  # not a child that a test forked
            os.write(descriptor, json.dumps(event).encode() + b"\n")

    os.environ["STDLIB_CANDIDATE"] = candidate
    substitute(candidate)
    import unittest

    tests = load(candidate)
    if not names:
        for group in unittest.defaultTestLoader.loadTestsFromModule(tests):
            for test in group:
                tell(test=name_of(test), verdict="listed")
        return
    suite = unittest.TestSuite()
    for name in names:
        group, _, method = name.partition(".")
        suite.addTest(getattr(tests, group)(method))
    suite.run(result(tell))
    if candidate != "logging":
        from fastlog import _core

        tell(counts=_core.counts())


if __name__ == "__main__":
    main()
elif __name__ == "__mp_main__":  # a process that a test spawned
    substitute(os.environ["STDLIB_CANDIDATE"])
