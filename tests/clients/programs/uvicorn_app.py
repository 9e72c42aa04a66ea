"""An ASGI application that logs to its own file and through uvicorn's loggers."""

import json
import logging
import os
import pathlib
import sys

COUNTS = pathlib.Path(os.environ["COUNTS"])

logger = logging.getLogger("shop")
logger.setLevel(logging.DEBUG)
to_file = logging.FileHandler(os.environ["SHOP_LOG"], encoding="utf-8")
to_file.setFormatter(
    logging.Formatter(
        "%(asctime)s %(levelname)-8s %(name)s %(module)s:%(lineno)d"
        " %(funcName)s %(message)s"
    )
)
logger.addHandler(to_file)
logger.propagate = False
server_log = logging.getLogger("uvicorn.error")


def report():
    """Leave this process's counters, or null if it knows no fastlog."""
    core = sys.modules.get("fastlog._core")
    path = COUNTS / f"server-{os.getpid()}.json"
    path.write_text(json.dumps(core and core.counts()))


async def lifespan(receive, send):
    """Answer the server's two questions: started, stopped."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            server_log.info("the application starts with %s", ["a", "list"])
        else:
            report()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def app(scope, receive, send):
    """Serve one request."""
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
        return
    path = scope["path"]
    logger.debug("headers of %s: %d", path, len(scope["headers"]))
    for step in range(5):
        logger.debug("step %d of %r: %.1f %%", step, path, step * 20)
    logger.info("answer %s, größer", path)
    if path.startswith("/broken"):
        logger.error("about to break", exc_info=False)
        raise ValueError(f"broken by {path}")
    if path.startswith("/warned"):
        server_log.warning("%s was asked for", path)
        logger.warning("with a stack", stack_info=False, extra={"path": path})
    status = 404 if path.startswith("/nothing") else 200
    body = path.encode()
    headers = [(b"content-type", b"text/plain")]
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
