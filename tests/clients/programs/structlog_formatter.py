"""structlog's ProcessorFormatter for its own records and for foreign ones."""

import logging
import logging.config
import sys

import structlog


def main():
    """Configure as structlog's documentation does; log from both sides."""
    shared = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
    ]
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "json": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        structlog.processors.format_exc_info,
                        structlog.processors.JSONRenderer(sort_keys=True),
                    ],
                    "foreign_pre_chain": shared,
                },
                "console": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "processor": structlog.dev.ConsoleRenderer(
                        colors=False,
                        exception_formatter=structlog.dev.plain_traceback,
                    ),
                    "foreign_pre_chain": shared,
                    "keep_exc_info": True,
                    "keep_stack_info": True,
                    "pass_foreign_args": True,
                },
            },
            "handlers": {
                "json": {
                    "class": "logging.StreamHandler",
                    "stream": "ext://sys.stdout",
                    "formatter": "json",
                },
                "console": {
                    "class": "logging.StreamHandler",
                    "stream": "ext://sys.stdout",
                    "formatter": "console",
                    "level": "WARNING",
                },
                "plain": {"class": "logging.StreamHandler", "stream": sys.stdout},
            },
            "loggers": {"": {"handlers": ["json", "console"], "level": "DEBUG"}},
        }
    )
    structlog.configure(
        processors=[
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    logging.warning("control %s", "line")
    ours = structlog.get_logger("ours")
    foreign = logging.getLogger("foreign")
    ours.info("hello", n=1)
    foreign.info("args %s %d", "a", 2)
    foreign.warning("extra", extra={"user": "eve", "n": 3})
    foreign.warning("dict args %(a)s", {"a": 1})
    ours.warning("both", nested={"a": [1]})
    try:
        raise ValueError("shown")
    except ValueError:
        ours.exception("ours failed")
        foreign.exception("foreign failed %s", "too")
    foreign.addHandler(logging.StreamHandler(sys.stdout))
    foreign.error("a third handler sees the same record %d", 4)


main()
