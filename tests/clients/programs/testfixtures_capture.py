"""testfixtures' LogCapture, which replaces lists and flags of loggers directly."""

import logging
import sys

import testfixtures


def main():
    """Capture in all ways; print what was captured."""
    logging.basicConfig(stream=sys.stdout, format="ROOT %(name)s %(message)s")
    logger = logging.getLogger("shop.fixtures")
    logger.addFilter(lambda record: "dropped" not in record.getMessage())
    logger.warning("before")
    with testfixtures.LogCapture(("", "shop.fixtures")) as log:
        logger.debug("args %s %d", "a", 1)
        logger.warning("dropped, were the filter still there")
        logging.getLogger().info("on the root")
        print(log)
        print(log.actual())
        print(logger.filters, logger.propagate, len(logging.root.handlers))
        log.check_present(("root", "INFO", "on the root"))
    logger.warning("between")
    logger.warning("dropped again")
    with testfixtures.LogCapture(
        ("shop.fixtures", "other"),
        level=logging.INFO,
        propagate=False,
        attributes=("levelname", "getMessage", "funcName", "lineno", "args"),
        ensure_checks_above=logging.ERROR,
    ) as log:
        logger.disabled = False
        logger.debug("below")
        logger.info({"not": "text"})
        logging.getLogger("other").info("more %s", ["x"])
        try:
            log.check(("INFO", "wrong"))
        except AssertionError as error:
            print(error)
        print(log.actual())
        logger.error("unchecked")
        print(len(log.records))
        log.mark_all_checked()
    disabled = logging.getLogger("disabled")
    disabled.disabled = True
    with testfixtures.LogCapture("disabled") as log:
        disabled.error("enabled within")
        print(log)
    print(disabled.disabled, logger.handlers, logger.propagate, len(logger.filters))
    logger.warning("after")

    @testfixtures.log_capture("deco", level=logging.WARNING)
    def decorated(capture):
        logging.getLogger("deco").info("hidden")
        logging.getLogger("deco").warning("decorated %d", 2)
        capture.check(("deco", "WARNING", "decorated 2"))

    decorated()
    testfixtures.LogCapture.uninstall_all()
    logger.error("at the end")


main()
