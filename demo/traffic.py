"""What is asked of the shop, and how long each answer takes.

The order is fixed and one client sends one request after the other on one kept
connection, so that two servers asked the same must log the same.
"""

from __future__ import annotations

import collections
import dataclasses
import http.client
import time
import urllib.parse

#: Log calls in one burst; the address of the burst names it.
BURST = 200
BELOW = 5000


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


def spread(kinds: tuple[Kind, ...]) -> list[Kind]:
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
    #: Time of one log call within a burst, in ns, one figure a burst.
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
        if kind.clocked_calls:
            self.calls_ns[kind].append(int(text) / kind.clocked_calls)
        else:
            self.answers.append(b"%d %s" % (status, text))

    def expected(self, what: str) -> int:
        """Return how many "pages" or "mails" these requests must have caused."""
        return sum(
            getattr(kind, what) * len(times)
            for kind, times in self.latencies_ns.items()
        )


def ask(port: int, requests: int) -> Seen:
    """Send *requests* to the service on *port*, one after the other."""
    kinds = spread(KINDS)
    seen = Seen()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        for number in range(requests):
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
