"""`background` in basicConfig(), dictConfig(), fileConfig() and on the command line."""

from __future__ import annotations

import io
import json
import logging
import os
import pathlib
import subprocess
import sys
import textwrap

import pytest

from surface.behind import (
    FIVE,
    NO_BOOLS,
    REMEDIES,
    kept,
    lines_behind,
    nothing_left,
    refused,
    text_of,
)
from surface.child import own_process


@pytest.mark.parametrize("given", ["filename", "stream", "handlers", "generator"])
@own_process
def test_basic_config_takes_the_keyword(given, tmp_path):
    """For whatever it is told to write to."""
    import fastlog

    path = f"{tmp_path}/shop.log"
    plain, second = logging.FileHandler(path), logging.FileHandler(f"{path}.2")
    kept.extend((plain, second))
    options = {
        "filename": {"filename": path},
        "stream": {"stream": plain.stream},
        "handlers": {"handlers": [plain, second]},
        "generator": {"handlers": (handler for handler in [plain])},
    }
    found = logging.basicConfig(format="%(message)s", background=True, **options[given])

    assert found is None
    assert [handler.background for handler in logging.root.handlers] == [True] * (
        2 if given == "handlers" else 1
    )
    for number in range(5):
        logging.warning("number %d", number)
    assert text_of(path) == FIVE
    assert fastlog.stats().accepted == 5 * len(logging.root.handlers)


@own_process
def test_basic_config_may_say_no(tmp_path):
    """Where all others were told to by install()."""
    import fastlog

    fastlog.install(background=True)
    path = pathlib.Path(tmp_path, "shop.log")
    logging.basicConfig(filename=path, format="%(message)s", background=False)

    assert logging.root.handlers[0].background is False
    logging.warning("text")
    assert path.read_text() == "text\n"
    assert fastlog.stats().accepted == 0


@own_process
def test_basic_config_does_nothing_a_second_time(tmp_path):
    """The keyword is looked at all the same, as constructors do."""
    import fastlog  # noqa: F401

    logging.basicConfig(filename=f"{tmp_path}/a.log")
    with nothing_left():
        logging.basicConfig(filename=f"{tmp_path}/b.log", background=True)
        logging.basicConfig(stream=io.StringIO(), background=True)
        with pytest.raises(TypeError):
            logging.basicConfig(background="yes")
    assert logging.root.handlers[0].background is False
    assert not os.path.exists(f"{tmp_path}/b.log")


@own_process
def test_basic_config_with_force_begins_anew(tmp_path):
    """The old handlers are closed, and their lines are written, before."""
    import fastlog  # noqa: F401

    first, second = pathlib.Path(tmp_path, "a.log"), pathlib.Path(tmp_path, "b.log")
    logging.basicConfig(filename=first, format="%(message)s", background=True)
    logging.warning("one")
    old = logging.root.handlers[0]
    logging.basicConfig(filename=second, format="%(message)s", force=True)
    assert first.read_text() == "one\n"
    logging.warning("two")
    assert second.read_text() == "two\n"
    logging.basicConfig(handlers=[old], force=True, background=True)
    logging.warning("three")
    assert old.background is True
    assert text_of(first) == "one\nthree\n"


@pytest.mark.parametrize("value", NO_BOOLS)
@own_process
def test_basic_config_refuses_what_is_no_bool(value, tmp_path):
    """Before it opens or closes anything."""
    import fastlog  # noqa: F401

    logging.basicConfig(filename=f"{tmp_path}/a.log", level="INFO")
    for options in ({}, {"force": True}, {"filename": f"{tmp_path}/b.log"}):
        with nothing_left():
            with pytest.raises(TypeError) as caught:
                logging.basicConfig(background=eval(value), level="DEBUG", **options)
            refused(caught.value, TypeError, "True or False", "leave it out")
            del caught
    assert not os.path.exists(f"{tmp_path}/b.log")


@own_process
def test_basic_config_refuses_what_has_no_background(tmp_path):
    """Nothing has changed then: not even with force."""
    import logging.handlers

    import fastlog  # noqa: F401

    logging.basicConfig(filename=f"{tmp_path}/a.log", level="INFO")
    file = logging.FileHandler(f"{tmp_path}/b.log")
    mail = logging.handlers.BufferingHandler(10)
    memory = logging.StreamHandler(io.StringIO())
    wrong = (
        ({"stream": io.StringIO()}, "stream=StringIO"),
        ({"handlers": [file, memory]}, "handlers[1]"),
        ({"handlers": [mail, file]}, "handlers[0], a BufferingHandler"),
        ({"handlers": iter([memory])}, "handlers[0], a StreamHandler"),
        ({"filename": f"{tmp_path}/c.log", "filemode": "wb"}, "filemode='wb'"),
    )
    for options, words in wrong:
        with nothing_left():
            with pytest.raises(ValueError, match="background") as caught:
                logging.basicConfig(
                    background=True, force=True, level="ERROR", **options
                )
            refused(caught.value, ValueError, words, *REMEDIES)
            del caught
    assert not os.path.exists(f"{tmp_path}/c.log")
    assert file.background is False
    file.close()


BASIC = """
import json, logging
{head}
found = []
for arguments in {calls}:
    logging.root.handlers.clear()
    try:
        eval(f"logging.basicConfig({{arguments}})")
        found.append(None)
    except Exception as error:
        found.append([type(error).__name__, str(error)])
print(json.dumps(found))
"""
BASIC_CALLS = [
    "nonsense=1",
    "style='?'",
    "filename='x', stream=None",
    "handlers=[], stream=None",
    "handlers=3",
    "handlers=[3]",
    "filename='/nowhere/at/all.log'",
    "filename=3.5",
    "filename='x', filemode='z'",
    "filename='x', encoding='nonsense'",
    "level='LOUD'",
    "format='%(message)'",
]


def test_other_errors_of_basic_config_are_the_standard_librarys(tmp_path):
    """Same type, same words."""
    found = []
    for head, keyword in (("", ""), ("import fastlog", ", background=True")):
        calls = [f"{arguments}{keyword}" for arguments in BASIC_CALLS]
        if keyword:
            calls.append("1, background=True")
        else:
            calls.append("1")
        done = subprocess.run(
            [sys.executable, "-c", BASIC.format(head=head, calls=calls)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == ""
        found.append(json.loads(done.stdout))

    theirs, ours = found
    assert None not in theirs
    assert ours == theirs


@own_process
def test_dict_config_takes_the_keyword(tmp_path):
    """On each handler of its own."""
    import logging.config

    import fastlog  # noqa: F401

    def entry(name, **options):
        return {"class": f"logging.{name}", **options}

    classes = ("FileHandler", "handlers.WatchedFileHandler")
    classes += ("handlers.RotatingFileHandler", "handlers.TimedRotatingFileHandler")
    handlers = {
        name: entry(name, filename=f"{tmp_path}/{name}", background=True)
        for name in classes
    }
    handlers["plain"] = entry("FileHandler", filename=f"{tmp_path}/plain")
    handlers["out"] = entry(
        "StreamHandler", stream="ext://sys.stdout", background=True, level="CRITICAL"
    )
    logging.config.dictConfig(
        {"version": 1, "handlers": handlers, "root": {"handlers": [*handlers]}}
    )

    for handler in logging.root.handlers:
        name = os.path.basename(getattr(handler, "baseFilename", "out"))
        assert handler.background is (name != "plain")
    for number in range(5):
        logging.warning("number %d", number)
    for name in (*classes, "plain"):
        assert text_of(f"{tmp_path}/{name}") == FIVE


@own_process
def test_dict_config_names_the_handler_of_a_wrong_keyword(tmp_path):
    """Its own message says which; the cause says what."""
    import logging.config

    import fastlog  # noqa: F401

    file = {"class": "logging.FileHandler", "filename": f"{tmp_path}/shop.log"}
    memory = {"class": "logging.StreamHandler", "stream": io.StringIO()}
    null = {"class": "logging.NullHandler"}
    logging.config.dictConfig({"version": 1})  # it forgets all handlers
    for handler, value, kind in (
        (file, "yes", TypeError),
        (memory, True, ValueError),
        (null, True, TypeError),
    ):
        config = {"version": 1, "handlers": {"shop": {**handler, "background": value}}}
        with nothing_left():
            with pytest.raises(ValueError, match="'shop'") as caught:
                logging.config.dictConfig(config)
            assert type(caught.value.__cause__) is kind
            assert "background" in str(caught.value.__cause__)
            del caught


@own_process
def test_file_config_takes_the_keyword(tmp_path):
    """Among the keywords of a handler's constructor."""
    import logging.config

    import fastlog  # noqa: F401

    path = f"{tmp_path}/shop.log"
    text = f"""
        [loggers]
        keys=root
        [handlers]
        keys=file
        [formatters]
        keys=
        [logger_root]
        handlers=file
        [handler_file]
        class=FileHandler
        args=({path!r},)
        kwargs={{"background": True}}
    """
    logging.config.fileConfig(io.StringIO(textwrap.dedent(text)))

    (handler,) = logging.root.handlers
    assert handler.background is True
    assert lines_behind(handler) == 5
    assert text_of(path) == FIVE


PROGRAM = """
import json
import logging
import sys

logging.basicConfig(format="%(levelname)s %(name)s %(message)s", stream=sys.stdout)
for number in range(3):
    logging.getLogger("shop.cart").warning("number %d of %s", number, sys.argv[1:])
core = sys.modules.get("fastlog._core")
with open("counts.json", "w") as out:
    json.dump(core and core.counts(), out)
"""


def program(folder, *words):
    """Run PROGRAM in *folder* with the interpreter's *words* before it."""
    path = folder / "app.py"
    path.write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, *words, "app.py", "--background"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    counts = json.loads((folder / "counts.json").read_text())
    return (done.returncode, done.stdout, done.stderr), counts


@pytest.mark.parametrize("command", ["run", "explain"])
def test_the_command_line_gives_it_to_a_whole_program(command, tmp_path):
    """The program says the same, and keeps options of its own of that name."""
    plain, nothing = program(tmp_path)
    without, sync = program(tmp_path, "-m", "fastlog", command)
    ours, counts = program(tmp_path, "-m", "fastlog", command, "--background")

    assert nothing is None
    assert ours[0] == without[0] == plain[0] == 0
    assert ours[2] == without[2] == plain[2] == ""
    assert ours[1][: len(plain[1])] == plain[1]
    assert sync["pushes"] + sync["lines"] == 0
    assert counts["pushes"] + counts["lines"] == 3
    rest = ours[1][len(plain[1]) :]
    assert ("writer: " in rest) is (command == "explain")
    assert "writer: " not in without[1]


@pytest.mark.parametrize(
    "words", [["--background"], ["--background=1"], ["--backgrounds"], ["-b"]]
)
def test_a_wrong_command_line_ends_with_one_line(words, tmp_path):
    """An option with a value, an unknown one, or no program after it."""
    done = subprocess.run(
        [sys.executable, "-m", "fastlog", "run", *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "run" in done.stderr


def test_help_names_the_option():
    """Or nobody would find it."""
    done = subprocess.run(
        [sys.executable, "-m", "fastlog", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.count("--background") >= 3
