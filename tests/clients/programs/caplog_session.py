"""A real pytest session over small tests that use `caplog`, in this process.

The argument chooses options: plain, live (log_cli), file (log_file), quiet.
"""

import io
import logging
import os
import pathlib
import re
import sys
import tempfile

import pytest

TESTS = f"""
import {logging.__name__} as logging

import pytest

logger = logging.getLogger("app.db")


def level_of(name):
    return logging.getLogger(name).level, logging.getLogger(name).getEffectiveLevel()


@pytest.fixture
def noisy():
    logger.warning("set up %s", "noisy")
    yield logger
    logger.error("torn down")


def test_default_level(caplog):
    logger.info("hidden")
    logger.warning("shown %d", 1)
    assert caplog.record_tuples == [("app.db", 30, "shown 1")]
    assert caplog.messages == ["shown 1"]
    assert [r.funcName for r in caplog.records] == ["test_default_level"]
    assert caplog.records[0].lineno > 0
    assert caplog.records[0].args == (1,)


def test_set_level(caplog):
    caplog.set_level(logging.DEBUG)
    logger.debug("now %s", "shown")
    caplog.set_level("ERROR", logger="app.db")
    logger.warning("hidden")
    assert not logger.isEnabledFor(logging.WARNING)
    assert caplog.record_tuples == [("app.db", 10, "now shown")]


def test_level_is_put_back(caplog):
    assert level_of("app.db") == (0, 30)
    logger.debug("hidden")
    assert caplog.records == []


def test_at_level(caplog):
    logger.debug("hidden")
    with caplog.at_level(logging.DEBUG, logger="app"):
        logger.debug("shown")
        logger.getChild("pool").info("too")
    logger.debug("hidden again")
    assert caplog.messages == ["shown", "too"]


def test_at_level_undoes_disable(caplog):
    logging.disable(logging.ERROR)
    logger.error("hidden")
    with caplog.at_level(logging.INFO):
        logger.info("shown")
    assert logging.root.manager.disable == logging.ERROR
    logging.disable(logging.NOTSET)
    assert caplog.messages == ["shown"]


def test_disabled_logger(caplog):
    logger.disabled = True
    try:
        logger.critical("hidden")
        with caplog.at_level("INFO", logger="app.db"):
            logger.critical("still hidden")
    finally:
        logger.disabled = False
    assert caplog.records == []


def test_clear_and_text(caplog):
    logger.warning("one")
    first = caplog.records
    caplog.clear()
    assert caplog.text == "" and caplog.records == []
    assert caplog.records is not first or not first
    logger.warning("two\\nlines")
    assert "two" in caplog.text and caplog.text.count("WARNING") == 1


def test_handler_level(caplog):
    caplog.set_level(logging.DEBUG)
    caplog.handler.setLevel(logging.ERROR)
    logger.warning("hidden")
    caplog.handler.level = logging.DEBUG
    logger.debug("shown")
    assert caplog.messages == ["shown"]


def test_filtering(caplog):
    class Only(logging.Filter):
        def filter(self, record):
            return "keep" in record.getMessage()

    with caplog.filtering(Only()):
        logger.warning("drop")
        logger.warning("keep %s", "me")
    logger.warning("after")
    assert caplog.messages == ["keep me", "after"]


def test_setup_records(noisy, caplog):
    noisy.warning("in call")
    assert [r.msg for r in caplog.get_records("setup")] == ["set up %s"]
    assert [r.msg for r in caplog.get_records("call")] == ["in call"]


def test_fails_with_sections(noisy, caplog, capsys):
    caplog.set_level(logging.INFO)
    print("on stdout")
    logger.info("context for %r", {{"id": 7}}, extra={{"user": "eve"}})
    logger.warning("first\\nsecond\\n  third")
    try:
        1 / 0
    except ZeroDivisionError:
        logger.exception("caught")
    assert caplog.messages == ["not this"]


def test_auto_indent(caplog):
    logger.warning("a\\nb", extra={{"auto_indent": True}})
    logger.warning("a\\nb", extra={{"auto_indent": 4}})
    assert 0


def test_bad_arguments():
    logger.warning("%d and %d", 1)


def test_bad_arguments_below_level():
    logger.debug("%d and %d", 1)


def test_stacklevel(caplog):
    def helper():
        logger.warning("helped", stacklevel=2)

    helper()
    assert caplog.records[0].funcName == "test_stacklevel"


def test_message_attribute(caplog):
    logger.warning("a %s", "b")
    assert caplog.records[0].message == "a b"
    assert "asctime" not in vars(caplog.records[0])


@pytest.mark.parametrize("number", range(3))
def test_many(caplog, number):
    for i in range(number):
        logger.error("%d of %d", i, number)
    assert len(caplog.records) == number
"""

OPTIONS = {
    "plain": ["-vv", "--show-capture=all", "--tb=short"],
    "live": ["-o", "log_cli=true", "--log-cli-level=INFO", "--tb=no", "-v"],
    "file": [
        "--log-file=run.log",
        "--log-file-level=DEBUG",
        "--log-file-format=%(levelname)-8s|%(name)s|%(funcName)s|%(message)s",
        "--log-level=DEBUG",
        "--tb=no",
        "-q",
    ],
    "quiet": [
        "--log-format=%(levelname)s <%(filename)s:%(lineno)d> %(message)s",
        "--log-auto-indent=on",
        "--show-capture=log",
        "--tb=line",
        "--log-disable=app.other",
        "--color=yes",
        "-q",
    ],
}


def main():
    """Run the session; print its report without times."""
    os.environ.pop("PYTEST_ADDOPTS", None)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.environ["COLUMNS"] = "100"
    deselect = []
    if sys.argv[1] == "plain":
        # Its traceback lists each of logging's own frames, which C has not.
        deselect = ["--deselect=test_session.py::test_bad_arguments"]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        pathlib.Path("pytest.ini").write_text("[pytest]\n")
        pathlib.Path("test_session.py").write_text(TESTS)
        sys.stdout = io.StringIO()
        options = [*OPTIONS[sys.argv[1]], "--no-header", "-p", "no:cacheprovider"]
        status = pytest.main([*options, *deselect, "-rA"])
        report = sys.stdout.getvalue().replace(os.getcwd(), "FOLDER")
        sys.stdout = sys.__stdout__
        report = re.sub(r"in \d+\.\d+s", "in N s", report)
        # pytest keeps the colours of a level in a set.
        print(re.sub(r"(\x1b\[\d+m){2}ERROR", "COLOURS ERROR", report))
        print("status", int(status))
        if pathlib.Path("run.log").exists():
            print(pathlib.Path("run.log").read_text().replace(os.getcwd(), "FOLDER"))
        os.chdir("/")


main()
