"""tqdm.contrib.logging, which swaps `logger.handlers` and `handler.stream`."""

import logging
import sys

import tqdm.contrib.logging


def main():
    """Log while bars are shown, and after."""
    logger = logging.getLogger("shop.tqdm")
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("%(levelname)s:%(name)s:%(message)s"))
    kept = logging.NullHandler()
    logger.handlers = [handler, kept]
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.info("before %d", 0)
    handler.flush()
    with tqdm.contrib.logging.logging_redirect_tqdm(loggers=[logger]):
        print(type(logger.handlers[0]).__name__, logger.handlers[-1].formatter is None)
        for number in tqdm.trange(3, file=sys.stdout, disable=True):
            logger.info("inside %d", number)
            logger.debug("hidden")
    print([type(h).__name__ for h in logger.handlers], logger.handlers[0] is handler)
    logger.info("after %s", "it")
    handler.flush()  # the bars flush the stream by themselves
    with tqdm.contrib.logging.tqdm_logging_redirect(
        range(2), loggers=[logger], file=sys.stdout, bar_format="{desc}{n}/{total}"
    ) as bar:
        for number in bar:
            logger.warning("bar %d", number)
    handler.stream = sys.stderr
    logger.error("to the stream set directly")
    root = logging.getLogger()
    root.addHandler(logging.StreamHandler(sys.stdout))
    with tqdm.contrib.logging.logging_redirect_tqdm():
        root.error("on the root")


main()
