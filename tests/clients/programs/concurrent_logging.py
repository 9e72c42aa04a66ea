"""Executors, and what concurrent.futures logs itself."""

import concurrent.futures
import logging
import sys


def work(number):
    """Log from a worker thread."""
    logger = logging.getLogger(f"worker.{number % 3}")
    logger.info("task %d starts", number)
    logger.debug("hidden")
    if number % 4 == 3:
        logger.error("task %d fails", number)
        raise ValueError(number)
    return number * 2


def bad(_future):
    """A callback that raises: concurrent.futures logs it."""
    raise RuntimeError("in the callback")


class Bare(logging.Formatter):
    """Leaves the thread's and the future's address out."""

    def formatException(self, ei):
        """Return the error without its traceback."""
        return f"{ei[0].__name__}: {ei[1]}"


def main():
    """Run a few tasks on one worker, then many on four."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(Bare("%(threadName)s %(name)s %(levelname)s %(msg)s"))
    logging.basicConfig(handlers=[handler], level=logging.INFO)
    with concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="one") as pool:
        for future in [pool.submit(work, number) for number in range(8)]:
            future.add_done_callback(lambda f: f.exception())
        pool.submit(work, 0).add_done_callback(bad)
    handler.setFormatter(logging.Formatter("%(message)s"))
    lines = []
    handler.setStream(stream := type("S", (), {})())
    stream.write = lambda text: lines.append(text)
    stream.flush = lambda: None
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda n: logging.info("item %d", n) or n, range(500)))
    print(len(done), len(lines), sorted("".join(lines).split("\n"))[:5])


main()
