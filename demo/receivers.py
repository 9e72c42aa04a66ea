"""The outside world of the demo: a paging service and a mail server.

Both listen on 127.0.0.1, on a port of the kernel's choice, and keep what they got.
Both speak the real protocol, over real sockets, each in a thread of its own.
"""

from __future__ import annotations

import contextlib
import http.server
import socketserver
import threading
from collections.abc import Iterator
from typing import ClassVar


class _Keeping(socketserver.ThreadingTCPServer):
    """A server that keeps what it received; `clear()` starts anew."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, handler: type[socketserver.BaseRequestHandler]) -> None:
        """Listen on a free port."""
        self.received: list[bytes] = []
        super().__init__(("127.0.0.1", 0), handler)

    @property
    def port(self) -> int:
        """The port that the kernel chose."""
        return int(self.server_address[1])

    def take(self) -> list[bytes]:
        """Return what came since the last call."""
        taken, self.received = self.received, []
        return taken


class _Page(http.server.BaseHTTPRequestHandler):
    """One page: keep the body, answer 204."""

    server: _Keeping

    def do_POST(self) -> None:
        """Receive a page."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append(body)
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class _Mail(socketserver.StreamRequestHandler):
    """One SMTP session, RFC 5321's minimum: keep each message with its envelope."""

    server: _Keeping
    disable_nagle_algorithm = True
    answers: ClassVar[dict[bytes, bytes]] = {
        b"EHLO": b"250-shop.example\r\n250 8BITMIME",
        b"HELO": b"250 shop.example",
        b"NOOP": b"250 OK",
    }

    def handle(self) -> None:
        """Answer commands until QUIT or the end of the connection."""
        self.say(b"220 shop.example ESMTP")
        envelope: list[bytes] = []
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb in (b"MAIL", b"RCPT"):
                envelope.append(line.strip())
                self.say(b"250 OK")
            elif verb == b"RSET":
                envelope = []
                self.say(b"250 OK")
            elif verb == b"DATA":
                self.say(b"354 end with a dot")
                message = b"".join(self.message())
                self.server.received.append(b"\n".join([*envelope, message]))
                envelope = []
                self.say(b"250 OK")
            elif verb == b"QUIT":
                self.say(b"221 bye")
                return
            else:
                self.say(self.answers.get(verb, b"502 not here"))

    def message(self) -> Iterator[bytes]:
        """Yield the lines of a message, the added dots taken off."""
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            yield line[1:] if line.startswith(b".") else line

    def say(self, answer: bytes) -> None:
        """Send one answer."""
        self.wfile.write(answer + b"\r\n")


@contextlib.contextmanager
def _serving(handler: type[socketserver.BaseRequestHandler]) -> Iterator[_Keeping]:
    with _Keeping(handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def pager() -> contextlib.AbstractContextManager[_Keeping]:
    """Run a paging service: each POST is one page."""
    return _serving(_Page)


def mailbox() -> contextlib.AbstractContextManager[_Keeping]:
    """Run a mail server: each message is kept as it came, envelope first."""
    return _serving(_Mail)
