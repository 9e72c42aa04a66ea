"""What is asked of the shop, and how long each answer takes.

The order is fixed and a client sends one request after the other on one kept
connection, so that two servers asked the same must log the same: to the byte for one
client, and for several at once what each of them caused.
"""

from __future__ import annotations

import collections
import concurrent.futures
import dataclasses
import http.client
import time
import urllib.parse
from collections.abc import Sequence

#: Log calls in one burst; the address of the burst names it.
BURST = 200
BELOW = 5000
#: Log calls in one request under load, each on the clock.
CLOCKED_SINGLY = 100
#: Clients that ask at once, to put the service under load.
CLIENTS = 4


class ServiceError(Exception):
    """The service under test did what it must not do."""


@dataclasses.dataclass(frozen=True)
class Kind:
    """One kind of request, and what the outside world must see of each."""

    says: str
    path: str
    status: int
    share: int  # of every 100 requests
    method: str = "GET"
    pages: int = 0
    mails: int = 0
    #: Log calls whose total time, in ns, is the answer's text; 0 for a normal answer.
    clocked_calls: int = 0
    #: Whether the answer has a line with the time of every single call instead.
    singly: bool = False


ITEM = Kind("show an item: 12 debug, 2 info", "/items/{}/", 200, 60)
ORDER = Kind("take an order: debug, info, warning", "/orders/{}/", 200, 25, "POST")
LOST = Kind("no such page: Django's own warning", "/nowhere/{}/", 404, 5)
PAY = Kind("card refused: error, page, mail", "/orders/{}/pay/", 402, 3, "POST", 1, 1)
STOCK = Kind("shelf empty: critical, page", "/stock/{}/", 200, 2, pages=1)
CRASH = Kind("view crashes: page, mail", "/reports/{}/", 500, 1, pages=1, mails=1)
WRITTEN = Kind(
    f"{BURST} debug lines to the file", f"/burst/{BURST}/", 200, 2, clocked_calls=BURST
)
TURNED_AWAY = Kind(
    f"{BELOW} debug calls below the level",
    f"/burst-below-level/{BELOW}/",
    200,
    2,
    clocked_calls=BELOW,
)
KINDS = (ITEM, ORDER, LOST, PAY, STOCK, CRASH, WRITTEN, TURNED_AWAY)
LOAD = (
    dataclasses.replace(ITEM, share=60),
    dataclasses.replace(ORDER, share=25),
    dataclasses.replace(LOST, share=5),
    Kind(
        f"{CLOCKED_SINGLY} debug lines, each on the clock",
        f"/clocked/{CLOCKED_SINGLY}/",
        200,
        10,
        clocked_calls=CLOCKED_SINGLY,
        singly=True,
    ),
)


def spread(kinds: Sequence[Kind]) -> list[Kind]:
    """Return 100 kinds by their shares, each kind spread evenly."""
    places = [
        ((turn + 0.5) / kind.share, kinds.index(kind), kind)
        for kind in kinds
        for turn in range(kind.share)
    ]
    return [kind for *_, kind in sorted(places, key=lambda place: place[:2])]


@dataclasses.dataclass
class Seen:
    """What the client saw of one server."""

    #: Latency of every request of a kind, in ns.
    latencies_ns: dict[Kind, list[int]] = dataclasses.field(
        default_factory=lambda: collections.defaultdict(list)
    )
    #: Time of one log call, in ns: one figure a burst, or one a call.
    calls_ns: dict[Kind, list[float]] = dataclasses.field(
        default_factory=lambda: collections.defaultdict(list)
    )
    #: Status and text of every answer that does not tell a time.
    answers: list[bytes] = dataclasses.field(default_factory=list)

    def add(self, kind: Kind, latency_ns: int, status: int, text: bytes) -> None:
        """Take in one answer."""
        if status != kind.status:
            raise ServiceError(f"{kind.path}: {status} instead of {kind.status}")
        self.latencies_ns[kind].append(latency_ns)
        if kind.singly:
            self.calls_ns[kind] += map(int, text.split())
        elif kind.clocked_calls:
            self.calls_ns[kind].append(int(text) / kind.clocked_calls)
        else:
            self.answers.append(b"%d %s" % (status, text))

    def expected(self, what: str) -> int:
        """Return how many "pages" or "mails" these requests must have caused."""
        return sum(
            getattr(kind, what) * len(times)
            for kind, times in self.latencies_ns.items()
        )


def ask(
    port: int, requests: int, kinds: Sequence[Kind] = KINDS, first: int = 0
) -> Seen:
    """Send *requests* to the service on *port*, one after the other."""
    kinds = spread(kinds)
    seen = Seen()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        for number in range(first, first + requests):
            kind = kinds[number % len(kinds)]
            form = {"amount": number % 100, "gift": "ja, bitte"}
            begin = time.perf_counter_ns()
            connection.request(
                kind.method,
                kind.path.format(number),
                body=urllib.parse.urlencode(form) if kind.method == "POST" else None,
                headers={"Content-Type": "application/x-www-form-urlencoded"},
            )
            answer = connection.getresponse()
            text = answer.read()
            end = time.perf_counter_ns()
            seen.add(kind, end - begin, answer.status, text)
    finally:
        connection.close()
    return seen


def load(port: int, requests: int) -> Seen:
    """Let CLIENTS clients send *requests* each, all at the same time."""
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        clients = [
            pool.submit(ask, port, requests, LOAD, client * requests)
            for client in range(CLIENTS)
        ]
    together = Seen()
    for client in clients:
        seen = client.result()
        for kind in LOAD:
            together.latencies_ns[kind] += seen.latencies_ns[kind]
            together.calls_ns[kind] += seen.calls_ns[kind]
        together.answers += seen.answers
    return together
