"""Spawned processes log, configured by their parent's words: `spawns.py FOLDER`."""

import logging
import multiprocessing
import pathlib
import subprocess
import sys


def main():
    """Start children the ways a spawn starts them; each logs to its own file."""
    folder = pathlib.Path(sys.argv[1])
    log = logging.getLogger("app")
    log.addHandler(logging.FileHandler(folder / "parent.log"))
    log.error("before")
    code = (
        "import logging, sys; logging.basicConfig(filename=sys.argv[1]);"
        "logging.error('from %s', 'a child')"
    )
    subprocess.run([sys.executable, "-c", code, folder / "child.log"], check=True)
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        answer = pool.apply(len, ("four",))
    log.error("after %d", answer)
    log.handlers[0].flush()  # before its file is read
    for name in ("parent", "child"):
        print((folder / f"{name}.log").read_text(), end="")


if __name__ == "__main__":
    main()
