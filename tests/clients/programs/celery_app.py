"""A Celery application whose tasks log in each of the ways that Celery offers."""

import json
import logging
import os
import pathlib
import sys
import warnings

from celery import Celery
from celery.signals import after_setup_task_logger, task_postrun, worker_shutdown
from celery.utils.log import get_task_logger

FOLDER = pathlib.Path(os.environ["SHOP_LOG_DIR"])
QUEUE = pathlib.Path(os.environ["SHOP_QUEUE"])

app = Celery("shop", broker="filesystem://", backend=f"file://{QUEUE / 'results'}")
app.conf.update(
    broker_transport_options={
        "data_folder_in": str(QUEUE / "messages"),
        "data_folder_out": str(QUEUE / "outbox"),
        "control_folder": str(QUEUE / "control"),
        "polling_interval": 0.02,
    },
    broker_connection_retry_on_startup=False,
    worker_enable_remote_control=False,
    task_default_queue="shop",
)
logger = get_task_logger(__name__)
audit = logging.getLogger("shop.audit")


@after_setup_task_logger.connect
def add_a_file(logger, **rest):
    """Give the tasks' logger a file of its own beside Celery's handler."""
    handler = logging.FileHandler(FOLDER / "tasks.log", encoding="utf-8")
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(levelname)s %(name)s %(funcName)s %(message)s")
    )
    logger.addHandler(handler)


def report(kind):
    """Leave this process's counters, or null if it knows no fastlog."""
    core = sys.modules.get("fastlog._core")
    path = pathlib.Path(os.environ["COUNTS"], f"{kind}-{os.getpid()}.json")
    path.write_text(json.dumps(core and core.counts()))


@task_postrun.connect
def report_from_the_pool(**rest):
    """Leave the counters of a process of the pool, anew after each task."""
    report("pool")


@worker_shutdown.connect
def report_at_the_end(**rest):
    """Leave the counters of the worker's main process."""
    report("main")


@app.task
def add(first, second):
    """Log on the task's logger, on an ordinary one, and print."""
    for step in range(5):
        logger.debug("step %d of %s + %s", step, first, second)
    logger.info("adding %d to %.3f for %r", first, second, "Jürgen")
    audit.warning("an ordinary logger, %s", {"first": first})
    print(f"printed {first}")
    return first + second


@app.task
def fail(number):
    """Fail with a traceback."""
    logger.error("number %d will fail", number)
    raise ValueError(f"failed on {number}")


@app.task(bind=True)
def warn(self, number):
    """Log an exception that was caught, and warn."""
    try:
        [][number]
    except IndexError:
        logger.warning("try %d of %d", self.request.retries, number, exc_info=True)
    warnings.warn(f"do not ask for {number}", UserWarning, stacklevel=1)
    logger.getChild("deep").critical("%s from below", self.name)
    return number
