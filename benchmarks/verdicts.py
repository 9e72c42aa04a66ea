"""What became of what the project promises: one verdict per target and Python."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What became of one target on one Python; `met` is None when not measured."""

    python: str
    scenario: str
    promised: str
    reached: str
    met: bool | None


def status(verdicts: list[Verdict]) -> int:
    """Return the exit status: 1 when a target is missed or was not measured."""
    return 0 if verdicts and all(verdict.met for verdict in verdicts) else 1


def verdict_lines(verdicts: list[Verdict]) -> str:
    """Return all targets with what was reached, and a last line that counts."""
    words = {True: "met   ", False: "MISSED", None: "absent"}
    lines = [
        f"{words[v.met]} {v.python:<8} {v.scenario:<18} {v.promised}: {v.reached}"
        for v in verdicts
    ]
    missed = sum(not verdict.met for verdict in verdicts)
    verb = "all met" if not missed else f"{missed} missed or not measured"
    return "\n".join([*lines, f"{len(verdicts)} targets: {verb}"])
