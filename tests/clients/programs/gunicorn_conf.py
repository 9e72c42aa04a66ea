"""Two workers, an access log and an error log; who counted what, and the port."""

import json
import os
import pathlib
import sys

FOLDER = pathlib.Path(os.environ["SHOP_LOG_DIR"])

bind = "127.0.0.1:0"
workers = 2
# Workers tell that they live by a file; a memory file system keeps that cheap.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
accesslog = str(FOLDER / "access.log")
errorlog = str(FOLDER / "error.log")
access_log_format = '%(h)s %(t)s "%(m)s %(U)s %(H)s" %(s)s %(b)s "%({host}i)s" %(p)s'
loglevel = "debug"
control_socket_disable = True


def report(name):
    """Leave this process's counters, or null if it knows no fastlog."""
    core = sys.modules.get("fastlog._core")
    path = pathlib.Path(os.environ["COUNTS"], f"{name}-{os.getpid()}.json")
    path.write_text(json.dumps(core and core.counts()))


def when_ready(server):
    """Tell the port."""
    server.log.info("ready with %d workers", server.num_workers)
    port = server.LISTENERS[0].sock.getsockname()[1]
    (FOLDER / "port").write_text(f"{port}\n")


def post_worker_init(worker):
    """Tell that a worker has loaded the project."""
    worker.log.info("worker %s is ready", worker.age)
    (FOLDER / f"worker-{worker.pid}").touch()


def worker_exit(server, worker):
    """Leave the worker's counters."""
    report("worker")


def on_exit(server):
    """Leave the master's counters."""
    report("master")
