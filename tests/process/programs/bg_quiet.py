"""What a process that does not log costs: `bg_quiet.py STEP FOLDER`."""

import json
import os
import pathlib
import sys
import time

step, folder = sys.argv[1], pathlib.Path(sys.argv[2])
path = folder / "app.log"


def threads():
    """Return how many threads the system sees."""
    return len(os.listdir("/proc/self/task"))


def shared():
    """Return the bytes of shared writable mappings: a ring is one, twice."""
    found = 0
    for line in pathlib.Path("/proc/self/maps").read_text().splitlines():
        span, kind = line.split()[:2]
        if kind == "rw-s":
            first, last = (int(end, 16) for end in span.split("-"))
            found += last - first
    return found


def descriptors():
    """Return how many descriptors are open, but for the listing's own."""
    return len(os.listdir("/proc/self/fd")) - 1


def seen():
    """Return all of this."""
    return {"threads": threads(), "shared": shared(), "open": descriptors()}


def steps():
    """Look after each step towards the first record in the background."""
    found = {"before": seen()}
    import fastlog as logging
    from fastlog import config, handlers

    assert config
    found["import"] = seen()
    logging.configure_writer(ring_bytes=1 << 20)
    logging.flush()
    logging.stats()
    logging.explain()
    found["configured"] = seen()
    plain = logging.FileHandler(folder / "plain.log")
    logging.getLogger().addHandler(plain)
    logging.error("not in the background")
    plain.close()
    logging.getLogger().removeHandler(plain)
    found["plain"] = seen()
    made = [
        logging.FileHandler(path, background=True),
        logging.StreamHandler(sys.stderr, background=True),
        handlers.RotatingFileHandler(folder / "r.log", background=True, delay=True),
    ]
    logging.getLogger().addHandler(made[0])
    for handler in made:
        handler.flush()
    logging.getLogger().debug("below the threshold")
    found["handler"] = seen()
    logging.error("the first %s", "record")
    found["record"] = seen()
    made[0].close()
    logging.flush()
    found["closed"] = seen()
    finish(found)


def finish(found):
    """Tell."""
    import kit

    kit.tell(**found)


def cost():
    """Return {thread: (nanoseconds on a processor, voluntary switches)}."""
    found = {}
    for task in pathlib.Path("/proc/self/task").iterdir():
        ran = int((task / "schedstat").read_text().split()[0])
        for line in (task / "status").read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                found[task.name] = ran, int(line.split()[1])
    return found


def idle():
    """Log, then do nothing for some seconds; tell what the writer's thread did."""
    import fastlog as logging

    seconds = float(os.environ.get("IDLE_SECONDS", "5"))
    logging.basicConfig(filename=path, background=True, level=logging.INFO)
    for number in range(10_000):
        logging.info("line %d %s", number, "x")
    assert logging.flush(10)
    time.sleep(1.5)  # for it to fall asleep
    before = cost()
    time.sleep(seconds)
    after = cost()
    own = str(os.getpid())
    spent = {
        task: [after[task][i] - before[task][i] for i in (0, 1)]
        for task in after
        if task != own
    }
    alive = logging.stats().writer_alive
    finish({"seconds": seconds, "spent": spent, "alive": alive})


def disabled():
    """With FASTLOG_DISABLE nothing is started either."""
    import fastlog as logging

    logging.basicConfig(filename=path)
    logging.error("plain")
    print(json.dumps(seen()))


def many_handlers():
    """More handlers than the writer has places for; later as many again, in turn."""
    import kit

    import fastlog as logging

    count = 1100
    made = []
    for number in range(count):
        handler = logging.FileHandler(folder / f"{number}.log", background=True)
        handler.setFormatter(logging.Formatter("%(message)s"))
        log = logging.getLogger(f"app{number}")
        log.addHandler(handler)
        log.propagate = False
        log.error("line %d", number)
        made.append(handler)
    for number in range(count):
        logging.getLogger(f"app{number}").error("again %d", number)
    for handler in made:
        handler.close()
    one = logging.getLogger("one")
    one.propagate = False
    for number in range(3000):
        handler = kit.file(path, "one")
        one.info(kit.LINE, "one", number, "through a handler of its own")
        handler.close()
    assert logging.flush(10)
    finish({"open": descriptors()})


STEPS = {
    "steps": steps,
    "idle": idle,
    "disabled": disabled,
    "many-handlers": many_handlers,
}
STEPS[step]()
