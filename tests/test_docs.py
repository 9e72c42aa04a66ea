"""Every example in the documentation runs, and prints what the page says."""

import itertools
import os
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([\w-]+))?\)")
#: Commands of a console block that are run; others install or start servers.
RUNNABLE = "python -m fastlog "
TIMEOUT_S = 60


def blocks(page):
    """Yield kind, text, line and the output that the next block promises, or None."""
    text = page.read_text(encoding="utf-8")
    found = list(BLOCK.finditer(text))
    for this, after in itertools.zip_longest(found, found[1:]):
        promised = None
        if (
            after
            and after[1] == "text"
            and not text[this.end() : after.start()].strip()
        ):
            promised = after[2]
        yield this[1], this[2], text.count("\n", 0, this.start()) + 2, promised


def run(command, folder):
    """Return what *command* prints, on both streams; it must succeed."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONSAFEPATH": "", "PYTHONUNBUFFERED": "1"},
        timeout=TIMEOUT_S,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}"
    return done.stdout


def assert_printed(actual, promised, where):
    """Compare outputs; `...` on a page stands for any text."""
    pattern = re.escape(promised.rstrip()).replace(re.escape("..."), ".*")
    assert re.fullmatch(pattern, actual.rstrip(), re.DOTALL), f"{where}\n{actual}"


def console(text):
    """Yield the runnable commands of a console block, each with its promised output."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, promised = part.partition("\n")
        if command.startswith(RUNNABLE) and " -m " not in command[len(RUNNABLE) :]:
            yield command.split(), promised


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_examples_of_a_page_do_what_the_page_says(page, tmp_path):
    """Readers copy them; each is a program of its own, in a folder of its page."""
    for number, (kind, text, line, promised) in enumerate(blocks(page)):
        where = f"{page.name}:{line}"
        if kind == "python":
            named = re.match(r"# (\w+\.py)\n", text)
            program = tmp_path / (named[1] if named else f"example{number}.py")
            program.write_text(text, encoding="utf-8")
            printed = run([sys.executable, program.name], tmp_path)
            if promised is not None:
                assert_printed(printed, promised, where)
        elif kind == "console":
            for command, output in console(text):
                printed = run([sys.executable, *command[1:]], tmp_path)
                assert_printed(printed, output, where)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_links_of_a_page_lead_somewhere(page):
    """A page that was renamed must not leave readers behind."""
    for name, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), name
        if anchor:
            titles = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.M)
            slugs = [
                re.sub(r"[^\w -]", "", t).lower().replace(" ", "-") for t in titles
            ]
            assert anchor in slugs, f"{name}#{anchor}"


def test_the_examples_are_found():
    """A pattern that finds nothing would let every page pass."""
    found = [kind for page in PAGES for kind, *_ in blocks(page)]

    assert found.count("python") >= 10
    assert {page.parent.name for page in PAGES} >= {"docs"}
