"""structlog on the standard library: BoundLogger, LoggerFactory and its findCaller."""

import logging
import sys

import describe
import structlog


class Shown(logging.Handler):
    """Prints each record's fields."""

    def emit(self, record):
        """Print them."""
        print(describe.fields(record))


def configure(*last):
    """Configure structlog with *last* as its final processors."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_log_level_number,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ExtraAdder(),
            structlog.processors.CallsiteParameterAdder(
                {
                    structlog.processors.CallsiteParameter.FUNC_NAME,
                }
            ),
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,
            *last,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def log_all():
    """Log in every way that BoundLogger has."""
    log = structlog.get_logger("shop.api").bind(user="eve")
    log.debug("below the level", n=1)
    log.info("plain", n=2)
    log.warning("positional %s %d", "a", 3)
    log.error("error", list=[1, 2], none=None)
    log.critical("critical")
    log.log(logging.INFO, "by number", x=1.5)
    log.warn("old name")
    try:
        {}["missing"]
    except KeyError:
        log.exception("caught", code=5)
    print(log.name, log.level, log.isEnabledFor(10), log.getEffectiveLevel())
    print(log.hasHandlers(), log.handlers, log.propagate, log.disabled)
    log.setLevel("ERROR")
    log.info("hidden now")
    log.setLevel("NOTSET")
    log.unbind("user").info("unbound")
    structlog.stdlib.get_logger().info("named after the module")


def main():
    """Log with three renderers."""
    logging.basicConfig(
        stream=sys.stdout,
        level=logging.INFO,
        format="%(levelname)s %(name)s %(funcName)s:%(lineno)d %(message)s",
    )
    logging.warning("control %d", 1)
    configure(structlog.processors.JSONRenderer(sort_keys=True))
    log_all()
    configure(structlog.processors.KeyValueRenderer(sort_keys=True))
    log_all()
    root = logging.getLogger()
    root.handlers[0].setLevel(logging.CRITICAL)
    root.addHandler(Shown())
    configure(structlog.stdlib.render_to_log_kwargs)
    log_all()
    configure(structlog.stdlib.render_to_log_args_and_kwargs)
    log_all()
    logging.getLogger("ordinary").warning("still %s", "logging")
    # The class that structlog made the default finds callers for ordinary loggers.
    fixed = structlog.stdlib._FixedFindCallerLogger("fixed", 10)
    fixed.addHandler(root.handlers[1])
    fixed.info("who called?", stack_info=False)
    calls = []
    fixed._log = lambda *args, **kwargs: calls.append((args, kwargs))
    fixed.error("taken %s", "away", extra={"k": 1})
    fixed.log(15, "and this")
    fixed.exception("this too")
    print(calls)


main()
