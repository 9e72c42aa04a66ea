"""OpenTelemetry's LoggingInstrumentor, which wraps the record factory."""

import logging
import sys
import warnings

warnings.simplefilter("ignore")

import describe  # noqa: E402
from opentelemetry import trace  # noqa: E402
from opentelemetry.instrumentation.logging import LoggingInstrumentor  # noqa: E402
from opentelemetry.sdk.trace import TracerProvider  # noqa: E402
from opentelemetry.sdk.trace.id_generator import IdGenerator  # noqa: E402


class Counting(IdGenerator):
    """Ids that are the same in every run."""

    last = 0

    def generate_span_id(self):
        """Return the next number."""
        self.last += 1
        return self.last

    generate_trace_id = generate_span_id


class Shown(logging.Handler):
    """Prints each record's fields."""

    def emit(self, record):
        """Print them."""
        print(describe.fields(record))


def main():
    """Log before, while and after the factory is wrapped."""
    trace.set_tracer_provider(TracerProvider(id_generator=Counting()))
    tracer = trace.get_tracer("tests")
    logger = logging.getLogger("svc")
    plain = logging.getLogRecordFactory()
    logging.basicConfig(
        stream=sys.stdout, level=logging.INFO, format="%(levelname)s:%(message)s"
    )
    logger.info("before %s", 1)
    instrumentor = LoggingInstrumentor()
    instrumentor.instrument(
        inject_trace_context=True,
        log_hook=lambda span, record: setattr(record, "hooked", span.name),
    )
    root = logging.getLogger()
    for old in root.handlers[1:]:
        root.removeHandler(old)
    root.handlers[0].setFormatter(
        logging.Formatter(
            "%(levelname)s %(funcName)s:%(lineno)d %(otelTraceID)s/%(otelSpanID)s"
            " %(otelServiceName)s %(otelTraceSampled)s %(message)s"
        )
    )
    root.addHandler(Shown())
    logger.info("no span")
    with tracer.start_as_current_span("outer"):
        logger.warning("in a span %s", "x")
        with tracer.start_as_current_span("inner"):
            logger.error("deeper")
    instrumentor.uninstrument()
    print(logging.getLogRecordFactory() is plain)
    root.handlers[0].setFormatter(logging.Formatter("%(levelname)s:%(message)s"))
    logger.info("after %s", 2)


main()
