"""`python -m fastlog run` is `python`: every comparison is with plain `python`."""

from __future__ import annotations

import concurrent.futures
import os
import pathlib
import py_compile
import re
import signal
import subprocess
import sys
import zipfile

import pytest

from surface import programs

RUN = (sys.executable, "-m", "fastlog", "run")
EXPLAIN = (sys.executable, "-m", "fastlog", "explain")
FORMS = ("file", "module", "package", "folder", "zip", "stdin")
LOGGING_PROGRAM = """
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


def call(*command, folder, stdin=None, **env):
    """Return what *command* does in *folder*: status, stdout, stderr."""
    done = subprocess.run(
        command,
        cwd=folder,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **env},
    )
    return done.returncode, done.stdout, same_in_every_run(done.stderr)


def same_in_every_run(text):
    """Return *text* without addresses; a recursion may end a call sooner."""
    text = re.sub(r"\b0x[0-9a-f]+", "0x", text)
    return re.sub(r"repeated 99\d more times", "repeated", text)


def write(folder, form, source):
    """Put a program into *folder*; return its words and its standard input."""
    if form == "stdin":
        return ["-"], source
    if form == "zip":
        with zipfile.ZipFile(folder / "app.zip", "w") as archive:
            archive.writestr("__main__.py", source)
        return ["app.zip"], None
    name = {"package": "app/__main__.py", "folder": "app/__main__.py"}
    path = folder / name.get(form, "app.py")
    path.parent.mkdir(exist_ok=True)
    path.write_text(source)
    words = {"file": ["app.py"], "module": ["-m", "app"], "folder": ["app"]}
    return words.get(form, ["-m", "app"]), None


def both(folder, words, stdin=None, flags=()):
    """Return what plain `python` does with *words*, and what `run` does."""
    commands = ([RUN[0], *flags, *words], [RUN[0], *flags, *RUN[1:], *words])
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        plain, ours = (
            pool.submit(call, *command, folder=folder, stdin=stdin)
            for command in commands
        )
    return plain.result(), ours.result()


@pytest.mark.parametrize(
    ("ending", "form"),
    [
        (ending, form)
        for ending in programs.ENDINGS
        for form in (FORMS if ending in programs.IN_EVERY_FORM else ("file", "module"))
    ],
)
def test_a_program_ends_as_under_python(ending, form, tmp_path):
    """Status, output and traceback are the same text, whatever the program is."""
    words, stdin = write(tmp_path, form, programs.ENDINGS[ending])

    plain, ours = both(tmp_path, [*words, "one", "--help", "-x"], stdin)

    assert ours == plain


@pytest.mark.parametrize("form", ["file", "module"])
def test_multiprocessing_spawns_from_the_program(form, tmp_path):
    """The child finds the program's `__main__` by its path or its spec."""
    words, stdin = write(tmp_path, form, programs.SPAWNING)

    plain, ours = both(tmp_path, [*words, "argument"], stdin)

    assert "[2, 4]" in plain[1]
    assert ours == plain


@pytest.mark.parametrize(
    "words",
    [
        ["missing.py"],
        ["missing/"],
        ["./missing.py", "argument"],
        ["-m", "missing"],
        ["-m", "missing.module"],
        ["-m", "json"],
        ["-m", "json.tool.missing"],
        ["-m", ""],
        ["-m", ".relative"],
        ["empty"],
        ["-m", "empty"],
        ["unreadable.py"],
    ],
)
def test_a_missing_program_is_reported_in_pythons_words(words, tmp_path):
    """Same line, same status: scripts look for them."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "unreadable.py").symlink_to("unreadable.py")

    plain, ours = both(tmp_path, words)

    assert plain[0] != 0
    assert ours == plain


@pytest.mark.parametrize(
    "path",
    ["app.py", "./app.py", "sub/../app.py", "link.py", "sub/link.py", "././app.py"],
)
def test_paths_are_written_as_python_writes_them(path, tmp_path):
    """`__file__` is absolute, `sys.argv[0]` is not, `sys.path[0]` follows links."""
    (tmp_path / "app.py").write_text(programs.IDENTITY)
    (tmp_path / "sub").mkdir()
    (tmp_path / "link.py").symlink_to("app.py")
    (tmp_path / "sub" / "link.py").symlink_to("../app.py")

    plain, ours = both(tmp_path, [path])

    assert plain[0] == 0
    assert ours == plain


@pytest.mark.parametrize(
    ("flags", "form"),
    [
        (flags, form)
        for flags in [("-P",), ("-I",), ("-O",), ("-W", "error")]
        for form in FORMS
        # Plain python does not look for modules in the current folder then.
        if not (flags in {("-P",), ("-I",)} and form in {"module", "package"})
    ],
)
def test_flags_of_the_interpreter_hold_for_the_program(flags, form, tmp_path):
    """Flags before `-m fastlog` mean what they mean before a program."""
    source = (
        "import sys, warnings\n"
        "print(sys.flags, sys.path[0] if not sys.flags.safe_path else '')\n"
        "print(__debug__, __doc__)\n"
        "warnings.warn('now')\n"
    )
    words, stdin = write(tmp_path, form, source)

    plain, ours = both(tmp_path, words, stdin, flags)

    assert ours == plain


@pytest.mark.parametrize("name", ["app.pyc", "app"])
def test_a_compiled_program_runs(name, tmp_path):
    """`python app.pyc` is a program as well, known by its first bytes."""
    (tmp_path / "app.py").write_text(programs.IDENTITY + "\nraise ValueError('now')\n")
    py_compile.compile(str(tmp_path / "app.py"), cfile=str(tmp_path / name))

    plain, ours = both(tmp_path, [name])

    assert plain[0] == 1
    assert ours == plain


def test_a_compiled_program_of_another_python_is_refused(tmp_path):
    """Its bytes must not reach the interpreter's loop."""
    (tmp_path / "app.pyc").write_bytes(b"\0\0\r\n" + bytes(12))

    plain, ours = both(tmp_path, ["app.pyc"])

    assert plain[0] == 1
    assert ours == plain


def test_the_programs_folder_comes_before_the_current_one(tmp_path):
    """A module beside the program is found, one in the current folder is not."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "app.py").write_text("import beside\nimport elsewhere\n")
    (tmp_path / "sub" / "beside.py").write_text("print('beside')\n")
    (tmp_path / "elsewhere.py").write_text("print('elsewhere')\n")

    plain, ours = both(tmp_path, ["sub/app.py"])

    assert plain[1] == "beside\n"
    assert ours == plain


def test_a_reader_that_went_away_is_reported_as_by_python(tmp_path):
    """A broken pipe at exit has a status and a text of its own."""
    (tmp_path / "app.py").write_text("print('text')\n")
    found = []

    for command in ([sys.executable, "app.py"], [*RUN, "app.py"]):
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run(
            command, cwd=tmp_path, stdout=writer, stderr=subprocess.PIPE, check=False
        )
        os.close(writer)
        found.append((done.returncode, done.stderr))

    assert b"BrokenPipeError" in found[0][1]
    assert found[0] == found[1]


@pytest.mark.parametrize("ending", ["an exception", "status 3", "it simply ends"])
def test_the_prompt_after_the_program_sees_its_names(ending, tmp_path):
    """`python -i` shows the traceback, then answers in the program's `__main__`."""
    (tmp_path / "app.py").write_text("value = 42\n" + programs.ENDINGS[ending])
    asked = "import sys\nprint(value, __name__, hasattr(sys, 'last_value'))\n"

    plain, ours = both(tmp_path, ["app.py"], asked, flags=("-i",))

    assert "42 __main__" in plain[1]
    assert ours == plain


def test_an_unmodified_program_logs_natively(tmp_path):
    """The point of it all: same lines, and records took the native way."""
    (tmp_path / "app.py").write_text(LOGGING_PROGRAM)
    counts = tmp_path / "counts.json"

    plain = call(sys.executable, "app.py", "--help", folder=tmp_path)
    assert counts.read_text() == "null"
    ours = call(*RUN, "app.py", "--help", folder=tmp_path)

    assert plain[1].count("shop.cart") == 3
    assert ours == plain
    assert re.search(r'"(calls|records)": [1-9]', counts.read_text())


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        ([], "run app.py"),
        (["jump"], "use run or explain"),
        (["--jump"], "use run or explain"),
        (["run"], "app.py, or -m package"),
        (["run", "-m"], "-m package"),
        (["run", "--fast", "app.py"], "come after it"),
        (["run", "--after", "5", "app.py"], "come after it"),
        (["explain"], "app.py, or -m package"),
        (["explain", "shop"], "'shop'"),
        (["explain", "-m"], "-m package"),
        (["explain", "--fast", "app.py"], "come after it"),
        (["explain", "--after"], "--after 5"),
        (["explain", "--after", "soon", "app.py"], "'soon'"),
        (["explain", "--after=-1", "app.py"], "'-1'"),
        (["explain", "--after=nan", "app.py"], "'nan'"),
        (["explain", "--after=inf", "app.py"], "'inf'"),
    ],
)
def test_a_wrong_command_line_gets_one_line_of_advice(words, advice, tmp_path):
    """One line on stderr, status 2, no traceback, and nothing has run."""
    (tmp_path / "app.py").write_text("print('ran')\n")

    status, stdout, stderr = call(*RUN[:3], *words, folder=tmp_path)

    assert (status, stdout) == (2, "")
    assert re.fullmatch(r"python -m fastlog: [^\n]+\n", stderr)
    assert advice in stderr


@pytest.mark.parametrize("words", [["--help"], ["run", "-h"], ["explain", "--help"]])
def test_help_names_every_command(words, tmp_path):
    """Help is asked for before the program; after it, it is the program's."""
    status, stdout, stderr = call(*RUN[:3], *words, folder=tmp_path)

    assert (status, stderr) == (0, "")
    for word in ("run", "explain", "--after", "--version"):
        assert word in stdout


def test_version_is_the_packages(tmp_path):
    """Both ways to ask give the same answer."""
    code = "import fastlog; print('fastlog', fastlog.__version__)"

    asked = call(*RUN[:3], "--version", folder=tmp_path)

    assert asked == call(sys.executable, "-c", code, folder=tmp_path)
    assert re.fullmatch(r"fastlog \d+\.\d+\.\d+\S*\n", asked[1])


CONFIGURATION = """
import logging
import sys

logging.basicConfig(filename="root.log")
logging.getLogger("shop").addHandler(logging.FileHandler("shop.log"))
print("output of", sys.argv[1:])
"""


@pytest.mark.parametrize("form", FORMS)
def test_explain_follows_the_programs_own_output(form, tmp_path):
    """The program runs in full; then its logging, as it is by then, is explained."""
    words, stdin = write(tmp_path, form, CONFIGURATION)

    status, stdout, stderr = call(
        *EXPLAIN, *words, "argument", folder=tmp_path, stdin=stdin
    )

    assert (status, stderr) == (0, "")
    assert stdout.startswith("output of ['argument']\n")
    assert re.search("root.log.*shop.log", stdout, re.DOTALL)


def test_explain_takes_the_names_of_loggers(tmp_path):
    """Each is explained in its turn, in the order given, and no other."""
    words, _ = write(tmp_path, "file", CONFIGURATION)

    status, stdout, stderr = call(*EXPLAIN, "shop", "root", *words, folder=tmp_path)
    assert (status, stderr) == (0, "")
    assert re.search("shop.log.*root.log.*root.log", stdout, re.DOTALL)
    status, stdout, stderr = call(*EXPLAIN, "root", *words, folder=tmp_path)
    assert (status, stderr) == (0, "")
    assert "root.log" in stdout
    assert "shop.log" not in stdout


@pytest.mark.parametrize(
    "ending", ["status 3", "a text as status", "an exception", "a SIGINT"]
)
def test_explain_ends_as_the_program_does(ending, tmp_path):
    """A program that fails half way is explained, and its failure still shown."""
    words, _ = write(tmp_path, "file", CONFIGURATION + programs.ENDINGS[ending])

    plain = call(sys.executable, *words, folder=tmp_path)
    ours = call(*EXPLAIN, *words, folder=tmp_path)

    assert (ours[0], ours[2]) == (plain[0], plain[2])
    assert ours[1].startswith(plain[1])
    assert "root.log" in ours[1]


def test_explain_is_printed_by_the_parent_only(tmp_path):
    """A forked child that ends by sys.exit() passes the same way out."""
    words, _ = write(
        tmp_path, "file", CONFIGURATION + programs.ENDINGS["a forked child that exits"]
    )

    status, stdout, stderr = call(*EXPLAIN, *words, folder=tmp_path)

    assert (status, stderr) == (0, "")
    assert stdout.count("\nlogger 'root'") == 1


@pytest.mark.parametrize(
    "redirection", ["sys.stdout = io.StringIO()", "sys.stdout = None"]
)
def test_explain_reaches_the_real_standard_output(redirection, tmp_path):
    """A program that left `sys.stdout` redirected does not swallow it."""
    words, _ = write(tmp_path, "file", f"{CONFIGURATION}\nimport io\n{redirection}\n")

    status, stdout, stderr = call(*EXPLAIN, *words, folder=tmp_path)

    assert (status, stderr) == (0, "")
    assert "root.log" in stdout


@pytest.mark.parametrize("form", ["file", "module"])
def test_explain_stops_a_server_after_a_time(form, tmp_path):
    """A server blocks for ever; --after ends it, and its finally blocks run."""
    server = (
        "import socket\n"
        "listener = socket.create_server(('127.0.0.1', 0))\n"
        "try:\n    listener.accept()\nfinally:\n    print('closed')\n"
    )
    words, _ = write(tmp_path, form, CONFIGURATION + server)

    status, stdout, stderr = call(*EXPLAIN, "--after", "0.5", *words, folder=tmp_path)

    assert (status, stderr) == (0, "")
    assert re.search("output of.*closed.*root.log", stdout, re.DOTALL)


def test_explain_answers_ctrl_c(tmp_path):
    """Ctrl-C is how one ends a server; the explanation comes all the same."""
    server = (
        "import time\n"
        "try:\n    print('serving', flush=True)\n    time.sleep(60)\n"
        "except KeyboardInterrupt:\n    print('stopped')\n"
    )
    write(tmp_path, "file", CONFIGURATION + server)
    with subprocess.Popen(
        [*EXPLAIN, "app.py"], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as process:
        for line in process.stdout:
            if line == "serving\n":
                break
        process.send_signal(signal.SIGINT)
        stdout, _ = process.communicate(timeout=60)

    assert process.returncode == 0
    assert re.search("stopped.*root.log", stdout, re.DOTALL)


def test_explain_says_that_fastlog_is_turned_off(tmp_path):
    """The first thing to know when nothing is fast."""
    words, _ = write(tmp_path, "file", CONFIGURATION)

    status, stdout, stderr = call(
        *EXPLAIN, *words, folder=tmp_path, FASTLOG_DISABLE="1"
    )

    assert (status, stderr) == (0, "")
    assert "FASTLOG_DISABLE" in stdout


SETTINGS = """
LOGGING = {
    "version": 1,
    "handlers": {"file": {"class": "logging.FileHandler", "filename": "all.log"}},
    "loggers": {"shop": {"handlers": ["file"], "level": "DEBUG"}},
}
"""


def test_explain_shows_a_django_projects_configuration(tmp_path):
    """`-m django check` sets everything up, and ends."""
    pytest.importorskip("django")
    (tmp_path / "shop_settings.py").write_text(SETTINGS)

    status, stdout, stderr = call(
        *(*EXPLAIN, "shop", "django.request", "-m", "django", "check"),
        folder=tmp_path,
        DJANGO_SETTINGS_MODULE="shop_settings",
    )

    assert (status, stderr) == (0, "")
    assert stdout.startswith("System check identified no issues")
    assert re.search("all.log.*AdminEmailHandler", stdout, re.DOTALL)


def test_a_logger_may_be_named_like_a_folder(tmp_path):
    """Only a folder that is a program ends the list of loggers."""
    (tmp_path / "shop").mkdir()
    words, _ = write(tmp_path, "file", CONFIGURATION)

    status, stdout, stderr = call(*EXPLAIN, "shop", *words, folder=tmp_path)

    assert (status, stderr) == (0, "")
    assert "shop.log" in stdout


def test_the_command_line_module_is_not_imported_by_the_package():
    """Who only imports fastlog does not pay for its command line."""
    code = "import fastlog, sys; print('fastlog._cli' in sys.modules)"

    done = call(sys.executable, "-c", code, folder=pathlib.Path.cwd())

    assert done == (0, "False\n", "")
