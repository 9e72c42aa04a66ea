"""Two long-lived children that answer the same cases: one on `logging`, one on ours.

`python tests/caller/pair.py MODE CASE.json` replays a case that a test printed.
"""

from __future__ import annotations

import difflib
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import harness

WORKER = pathlib.Path(__file__).parent / "worker.py"


class Child:
    """A process that runs worker.py in one mode."""

    def __init__(self, mode: str) -> None:
        """Start it."""
        self.mode = mode
        self._process = subprocess.Popen(
            harness.command(WORKER, mode, mode=mode),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="ascii",
        )

    def send(self, question: object) -> None:
        """Ask without waiting."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()

    def receive(self) -> str:
        """Return the answer to the oldest question, or say how the child died."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            assert self._process.stderr is not None
            text = self._process.stderr.read()
            status = self._process.wait(timeout=30)
            raise AssertionError(f"{self.mode} died with {status}:\n{text}")
        return line

    def counts(self) -> dict[str, int]:
        """Return the child's counters."""
        self.send("counts")
        found: dict[str, int] = json.loads(self.receive())
        return found

    def close(self) -> None:
        """End it."""
        self._process.communicate(timeout=30)

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.communicate(timeout=30)


class Pair:
    """A reference and the library under test, in step."""

    def __init__(self, mode: str, reference: str = harness.REFERENCE) -> None:
        """Start both."""
        self.mode = mode
        self.cases = 0
        self.native = 0
        self._modes = reference, mode
        self._children = self._start()

    def _start(self) -> tuple[Child, Child]:
        """Start both children."""
        return Child(self._modes[0]), Child(self._modes[1])

    def answers(self, case: object) -> tuple[str, str]:
        """Return what both say to *case*, and count how often ours went native."""
        try:
            for child in self._children:
                child.send(case)
            (_, theirs), (native, ours) = (
                child.receive().rstrip("\n").split("\t", 1) for child in self._children
            )
        except AssertionError as death:
            for child in self._children:
                child.kill()
            self._children = self._start()
            raise AssertionError(f"{death}\n{json.dumps(case)}") from None
        self.cases += 1
        self.native += int(native) > 0
        return theirs, ours

    def check(self, case: object) -> dict[str, object]:
        """Assert that both say the same, and return what they say."""
        theirs, ours = self.answers(case)
        if theirs != ours:
            raise AssertionError(
                f"{self.mode} differs from logging.\n{show(theirs, ours)}\n"
                "Replay with tests/caller/pair.py, the case in a file:\n"
                f"{json.dumps(case)}"
            )
        report: dict[str, object] = json.loads(theirs)
        assert "broken" not in report, f"{report['broken']}\n{json.dumps(case)}"
        return report

    def counts(self) -> dict[str, int]:
        """Return the counters of the library under test."""
        return self._children[1].counts()

    def close(self) -> None:
        """End both."""
        for child in self._children:
            child.close()


def show(theirs: str, ours: str) -> str:
    """Return the lines in which two reports differ."""
    left, right = (
        json.dumps(json.loads(text), indent=1).replace("\\n", "\n").splitlines()
        for text in (theirs, ours)
    )
    lines = difflib.unified_diff(left, right, "logging", "fastlog", n=3, lineterm="")
    return "\n".join(lines)[:6000]


def main() -> int:
    """Replay a case; say what differs."""
    mode, path = sys.argv[1:]
    pair = Pair(mode)
    for line in pathlib.Path(path).read_text().splitlines():
        case = json.loads(line)
        theirs, ours = pair.answers(case)
        if theirs != ours:
            print(show(theirs, ours))
        else:
            print("no difference")
            print(json.dumps(json.loads(theirs), indent=1)[:4000])
    print(pair.counts())
    pair.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
