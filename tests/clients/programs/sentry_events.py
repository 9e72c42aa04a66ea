"""sentry-sdk's logging integration with a transport that keeps its envelopes.

The argument says whether the SDK is imported before or after `logging` is used.
"""

import json
import logging
import sys

logger = logging.getLogger("shop.cart")
logging.basicConfig(stream=sys.stdout, format="%(levelname)s %(message)s")
if sys.argv[1] == "late":
    logger.setLevel("INFO")
    logger.info("before the SDK")

import sentry_sdk  # noqa: E402
from sentry_sdk.integrations.logging import (  # noqa: E402
    LoggingIntegration,
    ignore_logger,
)
from sentry_sdk.transport import Transport  # noqa: E402

ENVELOPES = []


class Kept(Transport):
    """Keeps what would have been sent."""

    def capture_envelope(self, envelope):
        """Keep *envelope*."""
        ENVELOPES.append(envelope)


def plain(event):
    """Return what of *event* does not vary by run."""
    crumbs = [
        {k: v for k, v in crumb.items() if k != "timestamp"}
        for crumb in event.get("breadcrumbs", {}).get("values", ())
    ]
    errors = [
        (
            value["type"],
            value["value"],
            value["mechanism"]["type"],
            [(f["function"], f["lineno"]) for f in value["stacktrace"]["frames"]],
        )
        for value in event.get("exception", {}).get("values", ())
    ]
    kept = ("logger", "level", "logentry", "message", "fingerprint")
    shown = {name: event[name] for name in kept if name in event}
    extra = {k: v for k, v in event.get("extra", {}).items() if k != "sys.argv"}
    threads = [
        [
            (f["function"], f["lineno"])
            for f in value.get("stacktrace", {}).get("frames", ())
            if f["filename"].endswith("sentry_events.py")
        ]
        for value in event.get("threads", {}).get("values", ())
    ]
    return {**shown, "extra": extra, "crumbs": crumbs, "errors": errors, "at": threads}


def fail(depth):
    """Raise from *depth* frames down."""
    local = "kept by the SDK"
    if depth:
        return fail(depth - 1)
    raise LookupError(f"no cart, {local}")


def main():
    """Log; print what the SDK made of it."""
    logging.getLogger("ordinary").warning("control")
    sentry_sdk.init(
        dsn="http://key@127.0.0.1:9/1",
        transport=Kept,
        default_integrations=False,
        integrations=[LoggingIntegration(level="INFO", event_level="ERROR")],
        attach_stacktrace=True,
        enable_logs=True,
    )
    logger.setLevel("INFO")
    ignore_logger("shop.noise")
    logger.debug("never seen")
    logger.info("item %s added", 17)
    logger.info("plain")
    logger.warning("low stock: %d of %d", 1, 20, extra={"sku": "A-1"})
    logger.error("payment failed for %s", "eve", extra={"amount": 12.5, "raw": b"x"})
    try:
        fail(2)
    except LookupError:
        logger.exception("cart %r lost", "c-1")
    logging.getLogger("shop.noise").error("ignored by the SDK")
    logger.log(35, "custom level %s", "35")
    logger.critical("with a stack", stack_info=False)
    logger.error("mapping %(a)s", {"a": 1})
    logger.error({"not": "a string"})
    with sentry_sdk.new_scope() as scope:
        scope.set_tag("scoped", 1)
        logger.error("scoped")
    logging.lastResort.handle(logging.makeLogRecord({"msg": "direct", "levelno": 10}))
    sentry_sdk.flush()
    for envelope in ENVELOPES:
        for item in envelope.items:
            if item.get_event():
                print(json.dumps(plain(item.get_event()), sort_keys=True, indent=1))
            elif item.type == "log":
                for log in item.payload.json["items"]:
                    chosen = {
                        name: value["value"]
                        for name, value in log["attributes"].items()
                        if name.startswith(("sentry.message", "code.line", "logger"))
                        or name in ("sku", "amount", "raw", "code.function.name")
                    }
                    print("log", log["level"], log["body"], sorted(chosen.items()))
    print("patched", logging.Logger.callHandlers.__name__)


main()
