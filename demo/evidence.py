"""What a service left behind, made comparable: masked, then compared to the byte.

Masked is only what differs between any two runs: times, the process and its threads,
ports, the folder, addresses of objects, and a mail's own id.
"""

from __future__ import annotations

import dataclasses
import difflib
import email
import email.policy
import pathlib
import re
from collections.abc import Callable, Iterable, Iterator

FILES = ("everything.log", "money.log", "requests.log", "console.log")
#: Where a record of the verbose format begins; the group is its thread.
RECORD = re.compile(
    rb"(?m)^[A-Z]+ \d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \S+ \S+ \d+ (\d+) "
)
#: Lines of difference that are worth showing.
SHOWN = 40


@dataclasses.dataclass(frozen=True)
class Masks:
    """What belongs to one run alone."""

    ports: tuple[int, ...]
    pids: tuple[int, ...]
    folders: tuple[pathlib.Path, ...]

    def __call__(self, text: bytes) -> bytes:
        """Return *text* with a name for each of them."""
        for place, folder in enumerate(self.folders):
            text = text.replace(bytes(folder), b"<folder %d>" % place)
        for place, port in enumerate(self.ports):
            text = re.sub(rb"\b%d\b" % port, b"<port %d>" % place, text)
        text = re.sub(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\b", b"<time>", text)
        text = re.sub(rb"\[\d\d/\w{3}/\d{4} \d\d:\d\d:\d\d\]", b"[<time>]", text)
        text = re.sub(rb"(?m)^(Server time: ).*$", rb"\1<time>", text)
        text = re.sub(
            rb"(?m)^([A-Z]+ <time> \S+ \S+) (?:%s) \d+ "
            % b"|".join(b"%d" % pid for pid in self.pids),
            rb"\1 <pid> <thread> ",
            text,
        )
        return re.sub(rb"\b0x[0-9a-f]{6,}", b"<address>", text)


def by_thread(text: bytes) -> list[bytes]:
    """Return what each thread logged, in its order; nothing if they are not named."""
    begins = list(RECORD.finditer(text))
    ends = [begin.start() for begin in begins[1:]]
    threads: dict[bytes, list[bytes]] = {}
    for begin, end in zip(begins, [*ends, len(text)], strict=bool(begins)):
        threads.setdefault(begin[1], []).append(text[begin.start() : end])
    return [b"".join(records) for records in threads.values()]


def readable_mail(received: bytes) -> bytes:
    """Return envelope, headers and decoded text of a mail, its own id masked."""
    envelope, _, text = received.partition(b"\r\n")
    *addresses, first = envelope.split(b"\n")
    message = email.message_from_bytes(
        first + b"\r\n" + text, policy=email.policy.default
    )
    for name in ("Message-ID", "Date"):
        if not message[name]:
            raise ValueError(f"a mail has no {name}")
        message.replace_header(name, "masked")
    headers = [f"{name}: {value}".encode() for name, value in message.items()]
    body = message.get_content().encode()
    return b"\n".join([*addresses, *headers, b"", body])


@dataclasses.dataclass(frozen=True)
class Evidence:
    """All that a run left behind, by name; the items of each are compared in order."""

    items: dict[str, list[bytes]]

    @classmethod
    def collect(
        cls,
        folder: pathlib.Path,
        answers: list[bytes],
        pages: list[bytes],
        mails: list[bytes],
        masks: Callable[[bytes], bytes],
    ) -> Evidence:
        """Mask what arrived and what lies in *folder*."""
        items = {name: [masks((folder / name).read_bytes())] for name in FILES}
        items["answers"] = answers
        items["pages"] = [masks(page) for page in pages]
        items["mails"] = [masks(readable_mail(mail)) for mail in mails]
        return cls(items)

    @classmethod
    def collect_of_many(
        cls,
        folder: pathlib.Path,
        answers: list[bytes],
        masks: Callable[[bytes], bytes],
    ) -> Evidence:
        """Put in order what several clients at once caused.

        Each has a connection and so a thread of the server to itself: what it caused
        stays in order where the thread is named, elsewhere lines are sorted.
        """
        items = {}
        for name in FILES:
            text = (folder / name).read_bytes()
            threads = by_thread(text)
            parts = threads or text.splitlines(keepends=True)
            items[name] = sorted(masks(part) for part in parts)
        items["answers"] = sorted(answers)
        return cls(items)

    def size(self, name: str) -> str:
        """Say how much there is of *name*."""
        if name in FILES:
            lines = sum(item.count(b"\n") for item in self.items[name])
            return f"{lines:,} lines"
        return f"{len(self.items[name]):,}"


def differences(reference: Evidence, other: Evidence) -> Iterator[str]:
    """Yield, for each name that differs, the beginning of a diff."""
    for name, expected in reference.items.items():
        if expected != other.items[name]:
            yield from _diff(name, expected, other.items[name])


def _diff(
    name: str, expected: Iterable[bytes], found: Iterable[bytes]
) -> Iterator[str]:
    sides = (f"{name} on logging", f"{name} on fastlog")
    lines = difflib.unified_diff(_lines(expected), _lines(found), *sides, n=1)
    for shown, line in enumerate(lines):
        if shown == SHOWN:
            yield "…\n"
            return
        yield line


def _lines(items: Iterable[bytes]) -> list[str]:
    """Return the lines of all items, with escapes for what does not show."""
    return [
        f"{line!r}"[2:-1] + "\n"
        for item in items
        for line in item.splitlines(keepends=True)
    ]
