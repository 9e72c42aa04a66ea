"""BackgroundHandler: configured, closed, copied, dropped; bad input."""

from __future__ import annotations

import contextlib
import contextvars
import copy
import gc
import io
import logging
import logging.config
import logging.handlers
import pickle
import sys
import threading
import weakref
from unittest import mock

import pytest

from surface.child import own_process
from surface.test_background_handler import WAIT_S, Kept, fill, in_thread, make, until


@own_process
def test_close_hands_on_all_and_what_follows_is_handled_at_once():
    """In the caller, as by any handler; twice does no more."""
    log, handler, target = make()
    for number in range(100):
        log.info("%d", number)
    handler.close()
    handler.close()

    assert target.texts == [str(number) for number in range(100)]
    assert target.calls == ["close"]
    (thread,) = set(target.threads)
    until(lambda: not thread.is_alive())
    log.info("after")
    assert target.texts[-1] == "after"
    assert target.threads[-1] is threading.main_thread()
    assert handler.accepted == handler.handled == 101
    assert handler.flush()
    assert target.calls == ["close", "flush"]


@own_process
def test_close_of_a_handler_that_never_logged_closes_the_target():
    """There is no thread to wait for."""
    before = threading.enumerate()
    log, handler, target = make()

    handler.close()

    assert target.calls == ["close"]
    log.info("after")
    assert target.texts == ["after"]
    assert threading.enumerate() == before


@pytest.mark.parametrize("how", ["close", "shutdown"])
@own_process
def test_a_target_that_hangs_is_given_up_and_the_loss_is_said(how):
    """shutdown() would wait for the lock that the target holds, and for ever."""
    log, handler, target = make(Kept(closed=True), capacity=9, shutdown_timeout=0.05)
    fill(log, handler, target)
    with mock.patch.object(sys, "stderr", io.StringIO()) as stderr:
        handler.close() if how == "close" else logging.shutdown()
        handler.close()
        logging.shutdown()

    (line,) = stderr.getvalue().splitlines()
    assert line.startswith("fastlog: 10 records were left for <Kept")
    assert line.endswith("after 0.05 s")
    assert "close" in target.calls
    assert handler.flush() is False
    with mock.patch.object(sys, "stderr", io.StringIO()):  # a release of the old lock
        target.open.set()
        until(lambda: handler._worker._over)
    assert len(target.texts) <= 1  # the others are not handed to a closed target
    assert handler.pending == 9


@own_process
def test_flush_all_flushes_every_one_in_one_time_limit():
    """`fastlog.flush()` asks for them all; one that raises does not stop the others."""
    from fastlog._background import flush_all

    assert flush_all(None) is True
    log, _, target = make()
    _, handler, hung = make(Kept(closed=True))
    _, _, other = make()
    log.info("text")
    assert hung.busy.wait(WAIT_S)

    assert flush_all(0.2) is False
    until(lambda: target.texts == other.texts == ["text"])
    hung.open.set()
    assert flush_all(WAIT_S) is True
    assert hung.texts == ["text"]
    hung.flush = mock.Mock(side_effect=LookupError("cannot"))
    with mock.patch.object(sys, "stderr", io.StringIO()) as stderr:
        assert flush_all(None) is False
    assert "LookupError: cannot" in stderr.getvalue()
    del hung.flush
    assert handler.pending == 0


@own_process
def test_who_waits_for_room_goes_on_when_the_handler_is_closed():
    """And hands its record over itself."""
    log, handler, target = make(Kept(closed=True), capacity=1)
    fill(log, handler, target)
    waiting = in_thread(log.info, "late")
    until(lambda: handler._worker._waiting)
    closing = in_thread(handler.close)
    until(lambda: handler._worker.closed)
    target.open.set()
    waiting.join(WAIT_S)
    closing.join(WAIT_S)

    assert sorted(target.texts) == ["first", "late", "waiting 0"]
    assert handler.pending == 0
    assert not waiting.is_alive()
    assert not closing.is_alive()


@own_process
def test_a_record_that_meets_the_end_of_the_thread_is_not_left_behind():
    """Closed after the caller looked, before it had put the record in."""
    log, handler, target = make()
    log.info("one")
    look = contextvars.copy_context

    def close_first():
        mock.patch.stopall()
        handler.close()
        return look()

    mock.patch("contextvars.copy_context", close_first).start()
    log.info("two")

    assert target.texts == ["one", "two"]
    assert target.threads[1] is threading.main_thread()
    assert handler.pending == 0


@own_process
def test_a_target_that_passes_records_on_waits_for_room():
    """One handler for several in the background; they lose nothing either."""
    from fastlog.handlers import BackgroundHandler

    last = Kept(closed=True)
    inner = BackgroundHandler(last, capacity=1)
    log, outer, _ = make(inner, capacity=1)
    sender = in_thread(lambda: [log.info("%d", number) for number in range(50)])
    until(lambda: inner._worker._waiting)
    last.open.set()
    sender.join(WAIT_S)

    assert outer.flush(WAIT_S)
    assert last.texts == [str(number) for number in range(50)]
    assert inner.dropped == outer.dropped == {}


@own_process
def test_a_target_may_close_its_own_handler():
    """Its thread cannot wait for itself."""
    log, handler, target = make()
    target.addFilter(lambda record: handler.close() or True)

    log.info("one")

    until(lambda: handler._worker._over)
    assert target.texts == ["one"]
    assert target.calls == ["close"]


@own_process
def test_no_thread_to_be_had_means_that_the_caller_does_it():
    """At the interpreter's end, or at a limit of the system's; later it is tried."""
    import _thread

    log, handler, target = make()
    refused = mock.Mock(side_effect=RuntimeError("can't start new thread"))
    with mock.patch.object(_thread, "start_new_thread", refused):
        log.info("one")
        assert target.texts == ["one"]
        assert target.threads == [threading.main_thread()]
        assert handler.flush()
    log.info("two")
    assert handler.flush()
    assert target.texts == ["one", "two"]
    assert target.threads[1] is not threading.main_thread()


@own_process
def test_copying_and_pickling_are_those_of_any_handler():
    """A shallow copy shares the target and its thread; locks are never pickled."""
    log, handler, target = make()
    twin = copy.copy(handler)

    for act in (pickle.dumps, copy.deepcopy):
        for each in (handler, logging.StreamHandler()):
            with pytest.raises(TypeError, match="cannot pickle"):
                act(each)
    log.addHandler(twin)
    log.info("text")
    assert twin.flush()
    assert target.texts == ["text", "text"]
    assert len(set(target.threads)) == 1
    log.removeHandler(twin)
    del twin
    gc.collect()
    log.info("more")
    assert handler.flush()
    assert len(set(target.threads)) == 1


@own_process
def test_a_handler_that_nobody_keeps_hands_on_all_and_its_thread_ends():
    """Test suites forget handlers by the thousand; their records still arrive."""
    log, handler, target = make(Kept(closed=True))
    for number in range(10):
        log.info("%d", number)
    watch = weakref.ref(handler)
    log.removeHandler(handler)
    del handler
    gc.collect()

    assert watch() is not None  # shutdown() must find what is not handed on yet
    target.open.set()
    until(lambda: watch() is None)
    assert target.texts == [str(number) for number in range(10)]
    (thread,) = set(target.threads)
    until(lambda: not thread.is_alive())


CONFIGURATIONS = {
    "class, target first": ("mail", "slow", {"class": True, "target": "mail"}),
    "class, target last": ("z", "a", {"class": True, "target": "z"}),
    "(), target first": ("mail", "slow", {"target": "cfg://handlers.mail"}),
    "(), target last": ("z", "a", {"target": "cfg://handlers.z"}),
}


@pytest.mark.parametrize("how", CONFIGURATIONS)
@pytest.mark.parametrize("formatter", ["target", "handler"])
@own_process
def test_dict_config_finds_the_target_in_any_order(how, formatter):
    """By name with "class", as of MemoryHandler's; by cfg:// with "()"."""
    mail, own, words = CONFIGURATIONS[how]
    words = {**words, "capacity": 50, "overflow": "sync", "level": "INFO"}
    key = "class" if words.pop("class", None) else "()"
    words[key] = "fastlog.handlers.BackgroundHandler"
    target = {"()": Kept, "level": "WARNING"}
    (target if formatter == "target" else words)["formatter"] = "plain"
    logging.config.dictConfig(
        {
            "version": 1,
            "formatters": {"plain": {"format": "%(levelname)s: %(message)s"}},
            "handlers": {mail: target, own: words},
            "root": {"level": "DEBUG", "handlers": [own]},
        }
    )

    (handler,) = logging.root.handlers
    logging.info("not for the target")
    logging.error("text")
    assert handler.flush()
    assert handler.target is logging._handlers[mail]
    assert handler.target.texts == ["ERROR: text"]
    assert handler.target.threads != [threading.main_thread()]
    assert (handler.capacity, handler.overflow) == (50, "sync")
    assert (handler.level, handler.name) == (logging.INFO, own)


@own_process
def test_file_config_sets_the_target_by_name():
    """As of a MemoryHandler's: after all handlers are made."""
    text = """
[loggers]
keys=root
[handlers]
keys=back,mail
[formatters]
keys=
[logger_root]
level=DEBUG
handlers=back
[handler_back]
class=fastlog.handlers.BackgroundHandler
args=(NullHandler(),)
kwargs={"capacity": 20}
target=mail
[handler_mail]
class=surface.test_background_handler.Kept
"""
    logging.config.fileConfig(io.StringIO(text))

    (handler,) = logging.root.handlers
    logging.info("text")
    assert handler.flush()
    assert handler.target.texts == ["text"]
    assert type(handler.target).__name__ == "Kept"


@own_process
def test_a_new_configuration_hands_on_what_waits():
    """DictConfig closes under logging's lock, which getLogger() in a target wants."""
    log, handler, target = make(Kept(closed=True), shutdown_timeout=WAIT_S)
    numbers = iter(range(100))
    target.addFilter(lambda _: bool(logging.getLogger(f"new{next(numbers)}")))
    for number in range(20):
        log.info("%d", number)
    acquire = handler.acquire
    handler.acquire = lambda: (target.open.set(), acquire())  # shutdown() does

    logging.config.dictConfig({"version": 1, "disable_existing_loggers": False})

    assert target.texts == [str(number) for number in range(20)]
    assert target.calls[-1] == "close"
    assert not logging._lock._is_owned()


@own_process
def test_set_target_changes_it_for_what_waits_as_well():
    """As MemoryHandler's; checked as in the constructor."""
    log, handler, target = make(Kept(closed=True))
    fill_level = 3
    for number in range(fill_level):
        log.info("%d", number)
    assert target.busy.wait(WAIT_S)
    second = Kept()

    handler.setTarget(second)
    target.open.set()
    assert handler.flush()

    assert target.texts + second.texts == ["0", "1", "2"]
    assert second.texts == ["1", "2"]
    for bad, error in ((None, TypeError), (handler, ValueError)):
        with pytest.raises(error, match="target must be"):
            handler.setTarget(bad)
    assert handler.target is second


BAD = [
    ("target", "'mail'", TypeError, 'target .* its name, with "class"'),
    ("target", "None", TypeError, "target must be a handler, such as"),
    ("target", "print", TypeError, "target must be a handler, .* not builtin"),
    ("target", "logging.NullHandler", TypeError, r"write BackgroundHandler\(NullH"),
    ("target", "{'class': 'x'}", TypeError, "target must be a handler, .* not dict"),
    ("capacity", "0", ValueError, "capacity must be 1 or more, not 0"),
    ("capacity", "-3", ValueError, "capacity must be 1 or more, not -3"),
    ("capacity", "1.5", TypeError, "capacity must be an int, .* not float"),
    ("capacity", "True", TypeError, "capacity must be an int, .* not bool"),
    ("capacity", "'9'", TypeError, "capacity must be an int, .* not str"),
    ("overflow", "'wait'", ValueError, 'overflow must be "block", "drop" or "sync"'),
    ("overflow", "None", ValueError, "overflow must be .* not None"),
    ("overflow", "[]", ValueError, r"overflow must be .* not \[\]"),
    ("shutdown_timeout", "-1", ValueError, "shutdown_timeout must be 0 seconds"),
    ("shutdown_timeout", "float('nan')", ValueError, "shutdown_timeout .* not nan"),
    ("shutdown_timeout", "None", TypeError, "shutdown_timeout must be a number"),
    ("level", "'LOUD'", ValueError, "Unknown level: 'LOUD'"),
    ("level", "1.5", TypeError, "Level not an integer or a valid string"),
    ("flushLevel", "10", TypeError, "flushLevel"),
]


@pytest.mark.parametrize(
    ("name", "value", "error", "says"),
    [(name, value, error.__name__, says) for name, value, error, says in BAD],
)
@own_process
def test_bad_input_is_refused_by_name_and_with_a_remedy(name, value, error, says):
    """By the constructor, not by the first record; nothing is left behind."""
    import builtins

    from fastlog._background import _handlers
    from fastlog.handlers import BackgroundHandler

    options = {"target": logging.NullHandler(), name: eval(value)}

    with pytest.raises(getattr(builtins, error), match=says):
        BackgroundHandler(**options)

    gc.collect()
    assert _handlers() == []


@own_process
def test_it_works_without_the_native_methods():
    """After uninstall(), and with FASTLOG_DISABLE: it is a Python handler."""
    import fastlog

    fastlog.uninstall()
    log, handler, target = make()
    log.info("text %s", [1])
    with contextlib.closing(handler):
        assert handler.flush()
    assert target.texts == ["text [1]"]
    assert not fastlog.installed()
