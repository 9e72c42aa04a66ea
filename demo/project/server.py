"""Serve the shop on 127.0.0.1 with the server classes behind `runserver`.

The port is the kernel's choice and is the first line on standard output. The server
stops when standard input ends, so it cannot outlive whoever started it.
"""

import argparse
import atexit
import contextlib
import json
import os
import sys
import threading

from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from shop.wsgi import application


class PromptHandler(WSGIRequestHandler):
    """Send small answers at once, not when the kernel has waited for more."""

    disable_nagle_algorithm = True


def report(path):
    """Write what fastlog counted, or null: nobody in this process imported it."""
    core = sys.modules.get("fastlog._core")
    with open(path, "w", encoding="utf-8") as out:
        json.dump(core and core.counts(), out)


def stop_with_stdin(server):
    """Stop *server* once standard input has ended."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    server.shutdown()


def main():
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--counts", metavar="FILE", help="write counters here at exit")
    options = parser.parse_args()
    if options.counts:
        atexit.register(report, options.counts)
    with ThreadedWSGIServer(("127.0.0.1", 0), PromptHandler) as server:
        server.daemon_threads = False  # the last request gets its line, too
        server.set_app(application)
        threading.Thread(target=stop_with_stdin, args=(server,), daemon=True).start()
        print(server.server_port, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever(poll_interval=0.05)


if __name__ == "__main__":
    main()
