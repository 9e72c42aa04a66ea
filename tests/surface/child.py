"""Tests that patch `logging`, each in an interpreter of its own.

`@own_process` makes a test's body run in a child, started by this file as
`child.py FILE TEST ARGUMENTS`; pytest's own process stays without fastlog.
"""

from __future__ import annotations

import functools
import importlib.util
import inspect
import json
import os
import pathlib
import subprocess
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parent.parent


def own_process(test=None, **env):
    """Run *test* in a child with *env*; it fails by an exception or by its stderr.

    Its arguments pass as JSON, paths as text. Warnings are errors there too.
    """
    if test is None:
        return functools.partial(own_process, **env)

    @functools.wraps(test)
    def in_child(**arguments):
        words = [
            inspect.getfile(test),
            test.__name__,
            json.dumps(arguments, default=str),
        ]
        done = subprocess.run(
            [sys.executable, "-W", "error", "-X", "faulthandler", __file__, *words],
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode != 0 or done.stderr:
            pytest.fail(
                f"status {done.returncode}\n{done.stdout}\n{done.stderr}", pytrace=False
            )

    return in_child


def main(path, name, arguments):
    """Load the tests in *path* and call the body of test *name*."""
    sys.path[0] = str(TESTS)
    spec = importlib.util.spec_from_file_location(
        f"surface.{pathlib.Path(path).stem}", path
    )
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    test = getattr(module, name)
    getattr(test, "__wrapped__", test)(**json.loads(arguments))


if __name__ == "__main__":
    main(*sys.argv[1:])
