"""The server: TLS, HTTP/1.1, and the way to the API that owns a request."""

from __future__ import annotations

import contextlib
import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol

from wire.new_api import NewApi
from wire.old_api import OldApi
from wire.record import Answer, Exchange, Record, Request
from wire.scenario import Scenario
from wire.tls import Authority


class Api(Protocol):
    """One generation of TikTok."""

    def owns(self, request: Request) -> str | None: ...

    def answer(self, request: Request) -> Answer: ...


class TikTok:
    """Routes requests to the API of the scenario; the other generation is a stray."""

    def __init__(self, scenario: Scenario) -> None:
        self.record = Record()
        self.new = NewApi(scenario, self.record)
        self._scenario = scenario
        self._api: Api = OldApi(scenario, self.record) if scenario.api == "old" else self.new

    def answer(self, request: Request) -> Answer:
        """Answer one request and write it down."""
        if self._scenario.delay:
            time.sleep(self._scenario.delay)
        with self.record.lock:
            if request.server_name != request.host:
                self.record.violate(f"TLS was for {request.server_name!r}, the request for {request.host!r}")
            kind, answer = self._route(request)
            self.record.exchanges.append(Exchange(kind, request, answer))
        return answer

    def _route(self, request: Request) -> tuple[str, Answer]:
        kind = self._api.owns(request)
        if kind is not None:
            return kind, self._api.answer(request)
        other = self._scenario.others.get(f"{request.method} {request.host}{request.path}")
        if other is not None:
            return "other", Answer.of(200, other)
        self.record.violate(f"nobody serves {request.method} https://{request.host}{request.target}")
        return "stray", Answer(404)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 20
    server: _Server

    def setup(self) -> None:
        self.request.settimeout(self.timeout)
        self.request.do_handshake()
        super().setup()

    def log_message(self, *_: object) -> None:
        pass

    def _serve(self) -> None:
        answer = self.server.tiktok.answer(
            Request(
                method=self.command,
                host=(self.headers.get("Host") or "").removesuffix(":443").lower(),
                server_name=getattr(self.request, "asked_for", None),
                target=self.path,
                headers=tuple(self.headers.items()),
                body=self._body(),
            )
        )
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def _body(self) -> bytes:
        if "chunked" not in (self.headers.get("Transfer-Encoding") or ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        pieces = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(pieces)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, tiktok: TikTok, context: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.tiktok = tiktok
        self._context = context

    def get_request(self) -> tuple[ssl.SSLSocket, tuple[str, int]]:
        sock, address = self.socket.accept()
        return self._context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, request: object, client_address: object) -> None:
        del request, client_address  # A client that hangs up has its own story to tell.


@contextlib.contextmanager
def serving(scenario: Scenario, authority: Authority) -> Iterator[tuple[TikTok, int]]:
    """A local TikTok on a free port, for the length of a ``with`` block."""
    tiktok = TikTok(scenario)
    with _Server(tiktok, authority.server_context()) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield tiktok, server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
