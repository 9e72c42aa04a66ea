"""What stats() returns; a module of its own, as dataclasses are slow to import."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True, slots=True)
class WriterStats:
    """What the writer of this process has done so far, and how full its ring is.

    A record counts as one line for each background handler that it goes to.

    Attributes:
        accepted: Lines that were put into the ring.
        written: Lines that the kernel took.
        dropped: Lines that were dropped with `overflow="drop"`, by level number.
        bytes_written: Bytes that the kernel took.
        write_errors: Failed writes; each is retried.
        last_error: The text of the last one, or None.
        ring_bytes: The ring's capacity in bytes.
        ring_used: Bytes in the ring now, which wait for the writer.
        ring_used_max: The most bytes that ever waited.
        writer_alive: Whether the writer's thread runs.
    """

    accepted: int
    written: int
    dropped: dict[int, int]
    bytes_written: int
    write_errors: int
    last_error: str | None
    ring_bytes: int
    ring_used: int
    ring_used_max: int
    writer_alive: bool
