"""What asyncio logs in debug mode, and tasks that log."""

import asyncio
import logging
import re
import sys


class Still(logging.Formatter):
    """Replaces what varies by run: times, addresses, file names of asyncio."""

    def format(self, record):
        """Return the text of a record without what varies."""
        text = super().format(record)
        text = re.sub(r"0x[0-9a-f]+", "0xN", text)
        text = re.sub(r"\d+\.\d+ ms|\d+\.\d+ seconds", "N s", text)
        text = re.sub(r"when=\d+\.\d+", "when=N", text)
        text = re.sub(r"Task-\d+", "Task-N", text)
        return re.sub(r"/[^ ]*/asyncio/", "asyncio/", text)


async def child(number):
    """Log from a task."""
    log = logging.getLogger("app.tasks")
    log.info("child %d starts", number)
    await asyncio.sleep(0)
    log.warning("child %d ends", number, extra={"number": number})
    if number == 2:
        raise LookupError("never retrieved")


async def never():
    """Be created and not awaited."""


async def main():
    """Run some tasks; do what debug mode complains of."""
    loop = asyncio.get_running_loop()
    loop.slow_callback_duration = 10
    await asyncio.gather(child(0), child(1))
    task = asyncio.create_task(child(2))
    await asyncio.sleep(0.01)
    del task
    loop.call_exception_handler({"message": "asked for", "key": [1]})
    loop.slow_callback_duration = 0
    await asyncio.sleep(0.001)
    loop.slow_callback_duration = 10
    loop.call_soon(lambda: 1 / 0)
    await asyncio.sleep(0.001)


handler = logging.StreamHandler(sys.stdout)
handler.setFormatter(Still("%(levelname)s %(name)s %(funcName)s %(message)s"))
logging.basicConfig(handlers=[handler], level=logging.DEBUG)
if sys.version_info >= (3, 12):
    names = logging.StreamHandler(sys.stdout)
    names.setFormatter(Still("%(taskName)s|%(message).20s"))
    logging.getLogger("app").addHandler(names)
asyncio.run(main(), debug=True)
logging.getLogger("asyncio").setLevel(logging.WARNING)
asyncio.run(child(0), debug=True)
logging.getLogger("app").info("outside of a loop")
