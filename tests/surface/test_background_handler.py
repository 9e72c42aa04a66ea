"""BackgroundHandler: what a target sees, and when; nobody waits for it in vain."""

from __future__ import annotations

import contextvars
import copy
import io
import logging
import logging.config
import logging.handlers
import pickle
import random
import sys
import threading
from unittest import mock

import pytest

from surface.child import own_process

WAIT_S = 30  # only a failure takes so long


class Kept(logging.Handler):
    """Keeps what it is given, at once or while `open` is set."""

    def __init__(self, level=logging.NOTSET, closed=False):
        """Begin open, or closed."""
        super().__init__(level)
        self.records, self.texts, self.threads = [], [], []
        self.calls = []
        self.busy, self.open = threading.Event(), threading.Event()
        if not closed:
            self.open.set()

    def emit(self, record):
        """Keep *record*, its text and the thread."""
        self.busy.set()
        assert self.open.wait(WAIT_S)
        self.records.append(record)
        self.texts.append(self.format(record))
        self.threads.append(threading.current_thread())

    def flush(self):
        """Note it."""
        self.calls.append("flush")

    def close(self):
        """Note it."""
        self.calls.append("close")
        super().close()


def make(target=None, name="app", **options):
    """Return a logger, its BackgroundHandler and the target."""
    from fastlog.handlers import BackgroundHandler

    target = target or Kept()
    handler = BackgroundHandler(target, **options)
    log = logging.getLogger(name)
    log.setLevel(1)
    log.propagate = False
    log.addHandler(handler)
    return log, handler, target


def fill(log, handler, target):
    """Make *target* hold on to a first record, and fill the queue behind it."""
    log.info("first")
    assert target.busy.wait(WAIT_S)
    for number in range(handler.capacity):
        log.info("waiting %d", number)


def in_thread(function, *arguments):
    """Start *function* in a thread of its own and return that."""
    thread = threading.Thread(target=function, args=arguments, daemon=True)
    thread.start()
    return thread


def until(condition):
    """Wait for *condition*; what it reads has no event to wait for."""
    pause = threading.Event()
    for _ in range(WAIT_S * 200):
        if condition():
            return
        pause.wait(0.005)
    raise AssertionError("it did not come to that")


@own_process
def test_the_name_is_ours_alone_and_makes_no_thread():
    """`logging.handlers` is everybody's; who never logs pays for no thread."""
    import fastlog

    before = threading.enumerate()
    log, handler, target = make()

    assert fastlog.handlers.BackgroundHandler is type(handler)
    assert not hasattr(logging.handlers, "BackgroundHandler")
    assert "BackgroundHandler" in dir(fastlog.handlers)
    assert threading.enumerate() == before
    log.info("starts it")
    assert handler.flush()
    (thread,) = set(target.threads)
    assert thread.daemon
    assert "Kept" in thread.name
    assert thread not in before


@own_process
def test_records_arrive_in_order_in_the_other_thread():
    """Ten threads; each one's records stay in order, none is lost or doubled."""
    log, handler, target = make(capacity=7)
    everyone = [
        in_thread(lambda n=n: [log.info("%d %d", n, i) for i in range(200)])
        for n in range(10)
    ]
    for thread in everyone:
        thread.join(WAIT_S)

    assert handler.flush(WAIT_S)
    for number in range(10):
        own = [t for t in target.texts if t.startswith(f"{number} ")]
        assert own == [f"{number} {i}" for i in range(200)]
    assert (handler.accepted, handler.handled, handler.pending) == (2000, 2000, 0)
    assert not set(target.threads) & {*everyone, threading.main_thread()}


class Lazy:
    """A message whose text is made when it is asked for."""

    def __init__(self, things):
        """Keep *things*, which may change."""
        self.things = things

    def __str__(self):
        """Return the text as of now."""
        return f"{len(self.things)} things"


@own_process
def test_the_text_is_that_of_the_call_and_the_arguments_are_there():
    """Arguments change before the target looks; exporters group by the message."""
    log, handler, target = make(Kept(closed=True))
    things, named = [1], {"who": ["Ann"]}
    error = ValueError("bad")
    log.info("%s of %d", things, 3)
    log.info("%(who)s came", named)
    log.info(Lazy(things))
    log.info(named)
    log.info(error)
    log.info("%s and %s", "constant", 1.5)
    log.info("100 % no arguments")
    log.info("failed: %s", error)
    things.append(2)
    named["who"].append("Bob")
    named["more"] = 1
    target.open.set()
    assert handler.flush(WAIT_S)

    one, two, three, four, five, six, _, failed = target.records
    assert target.texts == [
        "[1] of 3",
        "['Ann'] came",
        "1 things",
        "{'who': ['Ann', 'Bob']}",
        "bad",
        "constant and 1.5",
        "100 % no arguments",
        "failed: bad",
    ]
    assert (one.msg, one.message) == ("%s of %d", "[1] of 3")
    assert one.args[0] is things
    assert two.msg == "%(who)s came"
    assert two.args is named
    assert (three.msg, three.args) == ("1 things", ())
    assert type(four.msg) is dict  # structured: taken apart by the formatter
    assert "more" not in four.msg
    assert five.msg is error
    assert (six.msg, six.args, type(six.msg)) == ("%s and %s", ("constant", 1.5), str)
    assert failed.args == (error,)
    assert {type(record) for record in target.records} == {logging.LogRecord}


@own_process
def test_a_record_can_be_changed_copied_and_pickled_by_the_target():
    """Filters of the target redact; a queue handler as target copies and sends."""
    log, handler, target = make(Kept(closed=True))
    secret = ["swordfish"]
    for message in ("redacted %s", "kept %s"):
        log.info(message, secret)

    def redact(record):
        if record.msg.startswith("redacted"):
            record.args = ("***",)
        return True

    target.addFilter(redact)
    target.open.set()
    assert handler.flush(WAIT_S)

    redacted, kept = target.records
    # The first one had passed the filters before there was one.
    assert redact(redacted)
    assert redacted.getMessage() == "redacted ***"
    kept.msg = kept.msg.replace("kept", "still")
    assert kept.getMessage() == "still ['swordfish']"
    data = pickle.dumps(target.records)
    assert b"fastlog" not in data
    assert [r.getMessage() for r in pickle.loads(data)] == [
        "redacted ***",
        "still ['swordfish']",
    ]
    assert copy.copy(redacted).getMessage() == "redacted ***"
    assert copy.deepcopy(redacted).getMessage() == "redacted ***"


@own_process
def test_other_handlers_see_their_own_record():
    """The copy is the target's: what it writes to it changes nobody else's."""
    log, handler, target = make()
    other = Kept()
    log.addHandler(other)
    target.addFilter(lambda record: setattr(record, "mark", "target's") or True)
    try:
        raise ValueError("now")
    except ValueError as caught:
        error = caught
        log.exception("text", extra={"user": "Ann"})
    assert handler.flush(WAIT_S)

    (ours,), (theirs,) = target.records, other.records
    assert ours is not theirs
    assert ours.exc_info[1] is error is theirs.exc_info[1]
    assert ours.exc_info[2] is theirs.exc_info[2]
    assert "ValueError: now" in target.texts[0]
    assert (ours.user, ours.mark, ours.lineno) == ("Ann", "target's", theirs.lineno)
    assert not hasattr(theirs, "mark")


@own_process
def test_a_message_that_cannot_be_made_is_reported_by_the_call():
    """There, the report shows who logged it."""
    log, handler, target = make()
    with mock.patch.object(sys, "stderr", io.StringIO()) as stderr:
        log.info("%d", "no number")
    log.info("next")
    assert handler.flush(WAIT_S)

    assert "--- Logging error ---" in stderr.getvalue()
    assert "test_a_message_that_cannot_be_made" in stderr.getvalue()
    assert target.texts == ["next"]
    assert handler.accepted == handler.handled == 1


@own_process
def test_levels_and_filters_of_both_act_and_the_formatter_is_the_targets():
    """The target goes on as it was configured; what is set on either is there."""
    log, handler, target = make(Kept(logging.INFO), level="DEBUG")
    target.setFormatter(logging.Formatter("target's %(message)s"))
    target.addFilter(lambda record: "unwanted" not in record.msg)
    handler.addFilter(lambda record: "private" not in record.msg)

    log.debug("below the target's level")
    log.info("unwanted")
    log.info("private")
    log.info("one")
    assert handler.flush()
    assert handler.formatter is target.formatter
    handler.setFormatter(logging.Formatter("set here %(message)s"))
    handler.setLevel(logging.ERROR)
    log.warning("below the handler's level")
    log.error("two")
    assert handler.flush()

    assert target.texts == ["target's one", "set here two"]
    assert handler.formatter is target.formatter
    assert handler.accepted == 3  # "unwanted" was for the target's own filter


@own_process
def test_a_filter_of_the_target_finds_the_callers_context():
    """Exporters read the current span, and filters a request's number, from there."""
    request = contextvars.ContextVar("request", default="none")
    log, handler, target = make()
    target.addFilter(lambda record: setattr(record, "request", request.get()) or True)

    for number in (1, 2):
        contextvars.copy_context().run(
            lambda n=number: (request.set(n), log.info("text"))
        )
    log.info("outside")
    assert handler.flush()

    assert [record.request for record in target.records] == [1, 2, "none"]
    assert threading.main_thread() not in target.threads


@own_process
def test_block_waits_for_room():
    """Nothing is lost; who waits goes on as soon as the target is faster."""
    log, handler, target = make(Kept(closed=True), capacity=3)
    fill(log, handler, target)
    waiting = in_thread(lambda: [log.info("late %d", i) for i in range(20)])
    until(lambda: handler._worker._waiting)

    assert handler.accepted == handler.pending == 4
    assert waiting.is_alive()
    target.open.set()
    waiting.join(WAIT_S)
    assert handler.flush(WAIT_S)
    assert target.texts[4:] == [f"late {i}" for i in range(20)]
    assert handler.dropped == {}
    assert handler.pending == 0


@own_process
def test_drop_counts_by_level_and_the_target_is_told_without_another_record():
    """A program that falls silent must not keep the loss to itself."""
    log, handler, target = make(
        Kept(logging.INFO, closed=True), capacity=3, overflow="drop"
    )
    fill(log, handler, target)
    for _ in range(2):
        log.error("lost %s", [])
        log.info("lost")
    log.critical("lost")
    assert handler.dropped == {20: 2, 40: 2, 50: 1}
    target.open.set()
    until(lambda: len(target.records) == 5)

    report = target.records[-1]
    assert (report.name, report.levelno) == ("fastlog", logging.WARNING)
    assert report.args == (5, "2 INFO, 2 ERROR, 1 CRITICAL")
    assert report.getMessage().startswith("5 records were dropped")
    log.info("next")
    assert handler.flush()
    assert target.texts[-1] == "next"  # and nothing is told twice
    assert (handler.accepted, handler.handled) == (5, 5)
    target.open.clear()
    target.busy.clear()
    fill(log, handler, target)
    log.critical("lost again")
    target.open.set()
    assert handler.flush()
    assert target.records[-1].args == (1, "1 CRITICAL")


@own_process
def test_sync_hands_over_in_the_caller():
    """Whoever finds no room does the work."""
    log, handler, target = make(capacity=2, overflow="sync")
    hold, inside = threading.Event(), threading.Event()

    def slow(record):
        if record.msg == "first":
            inside.set()
            assert hold.wait(WAIT_S)
        return True

    target.addFilter(slow)  # before the target's lock is taken
    log.info("first")
    assert inside.wait(WAIT_S)
    for message in ("queued", "queued", "at once"):
        log.info(message)

    assert target.texts == ["at once"]
    assert target.threads == [threading.main_thread()]
    hold.set()
    assert handler.flush(WAIT_S)
    assert target.texts == ["at once", "first", "queued", "queued"]
    assert (handler.accepted, handler.handled, handler.dropped) == (4, 4, {})


@pytest.mark.parametrize("seed", range(6))
@own_process
def test_every_record_is_handled_or_counted(seed):
    """Any mixture of threads, room and policy; the report's sum is the loss."""
    rng = random.Random(seed)
    overflow = ("block", "drop", "sync")[seed % 3]
    capacity, threads = rng.randint(1, 20), rng.randint(2, 6)
    log, handler, target = make(capacity=capacity, overflow=overflow)
    levels = [rng.choice([10, 20, 30, 40]) for _ in range(300)]

    def work(number):
        for index, level in enumerate(levels):
            log.log(level, "%d %d %s", number, index, [index])

    target.open.clear()
    workers = [in_thread(work, number) for number in range(threads)]
    if overflow == "drop":
        until(lambda: handler.dropped)
    target.open.set()
    for worker in workers:
        worker.join(WAIT_S)
    assert handler.flush(WAIT_S)

    told = sum(r.args[0] for r in target.records if r.name == "fastlog")
    texts = [r.getMessage() for r in target.records if r.name == "app"]
    assert told == sum(handler.dropped.values())
    assert len(texts) == len(set(texts)) == handler.accepted == handler.handled
    assert len(texts) + told == threads * len(levels)
    assert (told > 0) == (overflow == "drop")
    if overflow != "sync":  # there the one at once overtakes those that wait
        for number in range(threads):
            indexes = [int(t.split()[1]) for t in texts if t.startswith(f"{number} ")]
            assert indexes == sorted(indexes)


@pytest.mark.parametrize("error", ["ValueError", "SystemExit", "KeyboardInterrupt"])
@own_process
def test_a_target_that_raises_is_reported_and_goes_on(error):
    """SystemExit would end a thread without a word."""
    import builtins

    class Bad(Kept):
        def handle(self, record):
            if record.msg == "bad":
                raise getattr(builtins, error)("from the target")
            return super().handle(record)

    log, handler, target = make(Bad())
    plain, (_, second, good) = Kept(), make()
    log.addHandler(plain)
    with mock.patch.object(sys, "stderr", io.StringIO()) as stderr:
        for message in ("one", "bad", "two"):
            log.info(message)
        assert handler.flush(WAIT_S)
    assert second.flush(WAIT_S)

    assert target.texts == ["one", "two"]
    assert plain.texts == good.texts == ["one", "bad", "two"]
    assert stderr.getvalue().count("--- Logging error ---") == 1
    assert f"{error}: from the target" in stderr.getvalue()
    assert len(set(target.threads)) == 1
    assert (handler.handled, handler.pending) == (3, 0)


@own_process
def test_the_targets_own_handle_error_is_asked():
    """Programs override it to count; one that raises as well does no harm."""
    told = []

    class Bad(Kept):
        def emit(self, record):
            if record.msg != "fine":
                raise LookupError("cannot")
            super().emit(record)

        def handleError(self, record):
            told.append((record.msg, sys.exc_info()[0]))
            if record.msg == "worse":
                raise SystemExit("handleError as well")

    log, handler, target = make(Bad())
    with mock.patch.object(sys, "stderr", io.StringIO()) as stderr:
        for message in ("bad", "worse", "fine"):
            log.info(message)
        assert handler.flush(WAIT_S)

    assert told == [("bad", LookupError), ("worse", LookupError)]
    assert "SystemExit: handleError as well" in stderr.getvalue()
    assert target.texts == ["fine"]


@own_process
def test_a_slow_target_delays_no_other():
    """Each has a thread of its own."""
    slow_log, slow, hung = make(Kept(closed=True), name="app.slow")
    _, handler, target = make(name="app")
    slow_log.propagate = True
    for number in range(50):
        slow_log.info("text %d", number)

    assert handler.flush(WAIT_S)
    assert target.texts == [f"text {number}" for number in range(50)]
    assert hung.texts == []
    assert slow.pending == 50
    hung.open.set()
    assert slow.flush(WAIT_S)
    assert hung.texts == target.texts


class Talking(Kept):
    """A target that logs while it works, as an HTTP client does."""

    def __init__(self, log, lines=2, closed=False):
        """Log *lines* to *log* for each record."""
        super().__init__(closed=closed)
        self.log, self.lines = log, lines

    def emit(self, record):
        """Keep *record*; log."""
        super().emit(record)
        for number in range(self.lines):
            self.log.debug("about %s: %d", record.getMessage(), number)


@pytest.mark.parametrize("capacity", [1, 100])
@pytest.mark.parametrize("overflow", ["block", "drop", "sync"])
@own_process
def test_a_target_that_logs_to_itself_neither_hangs_nor_goes_on_for_ever(
    overflow, capacity
):
    """Its lines are handled, once; what it logs about those ends there."""
    log = logging.getLogger("app")
    log, handler, target = make(Talking(log), capacity=capacity, overflow=overflow)
    for number in range(10):
        log.info("r%d", number)
        if overflow == "drop":  # so that only the target meets a full queue
            assert handler.flush(WAIT_S)
    assert handler.flush(WAIT_S)
    assert handler.flush(WAIT_S)  # also of what came during the first

    wanted = {f"r{n}" for n in range(10)}
    wanted |= {f"about r{n}: {i}" for n in range(10) for i in range(2)}
    assert set(target.texts) == wanted
    assert len(target.texts) == len(wanted) == handler.handled
    assert handler.ignored == 2 * 20
    handler.close()
    log.info("after close")
    assert target.texts[-3:] == [
        "after close",
        "about after close: 0",
        "about after close: 1",
    ]


@own_process
def test_two_targets_that_log_to_each_other_do_not_wait_for_each_other():
    """Both queues full, both blocking: what nobody can wait for is counted."""
    one, two = logging.getLogger("one"), logging.getLogger("two")
    _, first, a = make(Talking(two, 5, closed=True), "one", capacity=1)
    _, second, b = make(Talking(one, 5, closed=True), "two", capacity=1)
    fill(one, first, a)
    fill(two, second, b)
    a.open.set()
    b.open.set()
    for log in (one, two):
        for number in range(50):
            log.info("r%d", number)
    for handler in (first, second, first, second):
        assert handler.flush(WAIT_S)

    for handler, target in ((first, a), (second, b)):
        own = [t for t in target.texts if not t.startswith(("about", "fastlog"))]
        own = [t for t in own if "dropped" not in t]
        assert own == ["first", "waiting 0", *(f"r{n}" for n in range(50))]
        assert handler.pending == 0
        assert set(handler.dropped) <= {logging.DEBUG}


@own_process
def test_flush_waits_for_what_came_before_and_flushes_the_target():
    """False when the time runs out; in its own thread it cannot wait."""
    log, handler, target = make(Kept(closed=True))
    assert handler.flush()
    assert target.calls == ["flush"]
    answers = []
    log.info("one")
    assert target.busy.wait(WAIT_S)

    assert handler.flush(0) is False
    assert handler.flush(timeout=0.01) is False
    target.open.set()
    assert handler.flush() is True
    assert target.texts == ["one"]
    assert target.calls.count("flush") >= 2
    target.addFilter(lambda record: answers.append(handler.flush()) or True)
    log.info("two")
    assert handler.flush(float("inf"))
    assert answers == [False]
    target.flush = mock.Mock(side_effect=OSError("full"))
    with pytest.raises(OSError, match="full"):
        handler.flush()
    log.info("three")
    del target.flush
    assert handler.flush()
    assert target.texts[-1] == "three"
