"""Answers exchanged in a logger's `_cache`, which keeps its size."""

import logging
import sys


def main():
    """Log before and after."""
    logging.basicConfig(stream=sys.stdout, format="%(levelname)s %(message)s")
    logger = logging.getLogger("app.cache")
    logger.warning("control")
    logger.debug("hidden")
    logger._cache[logging.DEBUG] = True
    logger.debug("enabled by hand")
    logger._cache[logging.WARNING] = False
    logger.warning("disabled by hand")
    print(logger._cache, logger.isEnabledFor(logging.WARNING))
    logger.setLevel(logging.INFO)
    logger.info("done")


main()
