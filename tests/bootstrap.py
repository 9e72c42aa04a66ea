"""Child side of harness.py: `bootstrap.py MODE PROGRAM args…`.

Frames above the program are the same in every mode, so that tracebacks compare.
"""

import atexit
import json
import os
import sys


def report(mode):
    """Write the counters, or make sure that the reference never saw fastlog."""
    if mode == "reference":
        if any(name.partition(".")[0] == "fastlog" for name in sys.modules):
            os.write(2, b"the reference imported fastlog\n")
            os._exit(97)
        return
    from fastlog import _core

    if path := os.environ.get("HARNESS_COUNTS"):
        with open(path, "w") as out:
            json.dump(_core.counts(), out)


def main():
    """Run the program as `__main__`."""
    mode, path = sys.argv[1], sys.argv[2]
    sys.argv[:] = sys.argv[2:]
    sys.path[0] = os.path.dirname(os.path.abspath(path))
    with open(path, encoding="utf-8") as source:
        text = source.read()
    if mode in ("install", "background"):
        import fastlog

        if mode == "background":
            fastlog.install(background=True)
        else:
            fastlog.install()
    elif mode == "import":
        lines = text.split("\n")
        lines = [
            "import fastlog as logging" if line == "import logging" else line
            for line in lines
        ]
        text = "\n".join(lines)
    atexit.register(report, mode)
    code = compile(text, path, "exec")
    import types

    module = types.ModuleType("__main__")
    module.__file__ = path
    sys.modules["__main__"] = module
    try:
        exec(code, module.__dict__)
    finally:
        if mode == "background":
            # After a script's last line the interpreter itself flushes stdout, before
            # any exit hook runs: records of before have to be there already.
            fastlog.flush()


if __name__ == "__main__":
    main()
