"""OpenTelemetry's LoggingHandler with the SDK's in-memory exporter.

The argument says whose handler: the SDK's or the instrumentation's.
"""

import logging
import sys
import warnings

warnings.simplefilter("ignore")

from opentelemetry.instrumentation.logging import handler as contrib  # noqa: E402
from opentelemetry.sdk import _logs as sdk  # noqa: E402
from opentelemetry.sdk._logs.export import (  # noqa: E402
    InMemoryLogRecordExporter,
    SimpleLogRecordProcessor,
)


class Odd:
    """A message that is an object."""

    def __str__(self):
        """Return the text."""
        return "odd message"


def main():
    """Log through the handler; print the exported records."""
    exporter = InMemoryLogRecordExporter()
    provider = sdk.LoggerProvider()
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    if sys.argv[1] == "sdk":
        handler = sdk.LoggingHandler(logging.INFO, provider)
    else:
        handler = contrib.LoggingHandler(logging.INFO, provider, True)
    root = logging.getLogger()
    root.addHandler(handler)
    root.addHandler(logging.StreamHandler(sys.stdout))
    root.setLevel(logging.DEBUG)
    logger = logging.getLogger("svc.orders")
    logger.debug("below the handler's level")
    logger.info("plain")
    logger.warning("args %s %d", "a", 2)
    logger.error("extra", extra={"order": 5, "tags": ["x", "y"], "none": None})
    logger.info(Odd())
    logger.info({"event": "mapping", "n": 1})
    logger.log(33, "custom level")
    try:
        raise RuntimeError("broken")
    except RuntimeError:
        logger.exception("failed %s", "here")
    logger.critical("bye")
    handler.setFormatter(logging.Formatter("[%(name)s:%(lineno)d] %(message)s"))
    logger.info("formatted %s", "body")
    handler.flush()
    # 3.12 refuses the thread that its flush() would start at exit.
    root.removeHandler(handler)
    for data in exporter.get_finished_logs():
        record = data.log_record
        attributes = dict(record.attributes or {})
        stack = attributes.pop("exception.stacktrace", "")
        print(record.severity_text, record.severity_number, repr(record.body))
        print("  ", sorted(attributes.items()), len(stack.splitlines()))
        print("  ", data.instrumentation_scope.name, record.timestamp > 0)


main()
