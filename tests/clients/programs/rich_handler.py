"""rich's RichHandler, on a console of fixed width without time or links."""

import logging
import sys

import rich.console
import rich.logging


def main():
    """Log through several settings of the handler."""
    console = rich.console.Console(file=sys.stdout, width=100, color_system=None)
    logger = logging.getLogger("shop.rich")
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    settings = [
        {},
        {"show_path": False, "show_level": False},
        {"rich_tracebacks": True, "tracebacks_width": 90, "show_path": False},
        {"markup": True, "keywords": ["GET"], "level": logging.INFO},
    ]
    for setting in settings:
        print("settings", setting)
        handler = rich.logging.RichHandler(
            console=console, show_time=False, enable_link_path=False, **setting
        )
        handler.setFormatter(logging.Formatter("%(name)s %(message)s", "[%X]"))
        logger.handlers = [handler, logging.NullHandler()]
        logger.debug("plain")
        logger.info("GET /cart/%d %s", 17, {"a": [1, 2]})
        logger.warning("[bold]markup[/bold]", extra={"markup": True})
        logger.error("no highlighting 1.5", extra={"highlighter": None})
        logger.log(35, "custom level\nsecond line")
        try:
            int("x")
        except ValueError:
            logger.exception("caught %s", "it")
    formatter = logging.Formatter("%(levelname)s|%(message)s")
    logger.handlers[0].formatter = formatter
    logger.info("after the formatter was set directly")


main()
