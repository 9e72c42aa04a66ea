"""Programs whose end `python` shows in a way of its own: text on stderr, a status.

Each is the source of a whole `__main__`. None of them knows of fastlog.
"""

IDENTITY = """
import sys
import types

for name, value in list(globals().items()):
    if isinstance(value, types.ModuleType):
        value = f"module {value.__name__}"
    elif name == "__loader__":
        value = value if isinstance(value, type) else type(value)
    elif name == "__spec__" and value is not None:
        value = (value.name, value.origin, value.parent, value.cached)
    print(name, value)
print(sys.argv, sys.path[0], sys.exc_info())
print(sys.modules["__main__"].__dict__ is globals())
print(sys.excepthook is sys.__excepthook__, sys.displayhook is sys.__displayhook__)
"""

PICKLING = """
import pickle


class Point:
    def __init__(self, x):
        self.x = x


text = pickle.dumps(Point(3))
print(text)
print(type(pickle.loads(text)) is Point, pickle.loads(text).x)
"""

SPAWNING = """
import multiprocessing
import sys

print("loading as", __name__, "with", sys.argv[1:], flush=True)


class Point:
    def __init__(self, x):
        self.x = x


def double(point):
    return Point(2 * point.x)


if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print([point.x for point in pool.map(double, [Point(1), Point(2)])])
"""

STACK = """
import inspect
import logging
import sys
import traceback
import warnings


def f():
    logging.basicConfig(format="%(message)s")
    logging.warning("text", stack_info=True)
    warnings.warn("far up", stacklevel=20)
    traceback.print_stack()
    print([frame.function for frame in inspect.stack()])


f()
print(sys.getrecursionlimit())
"""

ENDINGS = {
    "it simply ends": "print('done')",
    "status 3": "import sys\nsys.exit(3)",
    "status 300": "import sys\nsys.exit(300)",
    "a text as status": "import sys\nsys.exit('it is over')",
    "an object as status": "import sys\nsys.exit([1, 2])",
    "no status": "raise SystemExit",
    "a subclass of SystemExit": (
        "class Gone(SystemExit):\n    pass\n\n\nraise Gone('gone')"
    ),
    "an exception": "def f():\n    return 1 / 0\n\n\nf()",
    "a chain of exceptions": (
        "def f():\n"
        "    try:\n        {}['key']\n"
        "    except KeyError as error:\n"
        "        raise ValueError('no key') from error\n\n\n"
        "try:\n    f()\nfinally:\n    print('finally')\n    [][0]"
    ),
    "a group of exceptions": (
        "found = []\n"
        "for text in ('a', 'b'):\n"
        "    try:\n        int(text)\n"
        "    except ValueError as error:\n"
        "        error.add_note('a note')\n"
        "        found.append(error)\n"
        "raise ExceptionGroup('two', found)"
    ),
    "an exception raised before": (
        "def f():\n    raise LookupError('once')\n\n\n"
        "try:\n    f()\nexcept LookupError as error:\n    kept = error\n"
        "raise kept"
    ),
    "an exception without a text": (
        "class Mute(Exception):\n"
        "    def __str__(self):\n        raise TypeError('mute')\n\n\n"
        "raise Mute"
    ),
    "a name that is nearly right": "value = 1\nprint(valeu)",
    "too deep a recursion": "def f():\n    f()\n\n\nf()",
    "an exception in a thread": (
        "import threading\n\n\n"
        "def f():\n    raise ValueError('in a thread')\n\n\n"
        "thread = threading.Thread(target=f, name='worker')\n"
        "thread.start()\nthread.join()\nprint('still here')"
    ),
    "an exception while a thread runs": (
        "import threading\n\n"
        "gate = threading.Event()\n\n\n"
        "def f():\n    gate.wait()\n    print('the thread ends')\n\n\n"
        "threading.Thread(target=f).start()\n"
        "threading._register_atexit(gate.set)\n"
        "raise ValueError('in the main thread')"
    ),
    "an exception that cannot be raised": (
        "class Thing:\n"
        "    def __del__(self):\n        raise ValueError('in del')\n\n\n"
        "thing = Thing()\ndel thing\nprint('still here')"
    ),
    "exceptions at exit": (
        "import atexit\n\n\n"
        "def f(word):\n    print(word)\n    raise ValueError(word)\n\n\n"
        "atexit.register(f, 'first')\natexit.register(f, 'second')\n"
        "raise LookupError('now')"
    ),
    "an excepthook of its own": (
        "import sys\n\n\n"
        "def hook(kind, value, traceback):\n"
        "    names = []\n"
        "    while traceback:\n"
        "        names.append(traceback.tb_frame.f_code.co_filename)\n"
        "        traceback = traceback.tb_next\n"
        "    print(kind, value, names, value is sys.last_value)\n"
        "    print(sys.last_traceback is value.__traceback__)\n"
        "    print(sys.excepthook is hook)\n\n\n"
        "sys.excepthook = hook\nraise ValueError('now')"
    ),
    "an excepthook that fails": (
        "import sys\n\n\n"
        "def hook(*args):\n    raise TypeError('bad hook')\n\n\n"
        "sys.excepthook = hook\nraise ValueError('now')"
    ),
    "an excepthook that exits": (
        "import sys\n\n\n"
        "def hook(*args):\n    sys.exit(7)\n\n\n"
        "sys.excepthook = hook\nraise ValueError('now')"
    ),
    "no excepthook": "import sys\n\ndel sys.excepthook\nraise ValueError('now')",
    "Ctrl-C": "def f():\n    raise KeyboardInterrupt\n\n\nf()",
    "a SIGINT": (
        "import os\nimport signal\nimport time\n\n"
        "os.kill(os.getpid(), signal.SIGINT)\ntime.sleep(60)"
    ),
    "a SIGTERM": (
        "import os\nimport signal\nimport time\n\n"
        "os.kill(os.getpid(), signal.SIGTERM)\ntime.sleep(60)"
    ),
    "at once": "import os\n\nprint('lost')\nos._exit(4)",
    "a forked child that exits": (
        "import os\nimport sys\n\n"
        "print('both', flush=True)\n"
        "if not (child := os.fork()):\n    sys.exit(5)\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))"
    ),
    "a closed standard output": (
        "import sys\n\nprint('written')\nsys.stdout.close()\nsys.exit(0)"
    ),
    "a closed descriptor 1": "import os\n\nprint('never written')\nos.close(1)",
    "no syntax": "def f(:\n    pass",
    "a bracket left open": "x = (1,\ny = 2",
    "wrong indentation": "if 1:\n\tx = 1\n        y = 2",
    "an import of nothing": "import nothing_of_this_name",
    "a warning": (
        "import warnings\n\nwarnings.warn('old', DeprecationWarning, stacklevel=1)"
    ),
    "the stack above": STACK,
    "identity": IDENTITY,
    "pickling": PICKLING,
}

IN_EVERY_FORM = {
    "identity",
    "pickling",
    "status 3",
    "a text as status",
    "a chain of exceptions",
    "an excepthook of its own",
    "Ctrl-C",
    "no syntax",
}
