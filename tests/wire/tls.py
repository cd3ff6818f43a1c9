"""A certificate authority for the length of a test run."""

from __future__ import annotations

import ssl
import threading
from pathlib import Path

import trustme


class Authority:
    """Issues a certificate for whatever host a client asks for by SNI."""

    def __init__(self) -> None:
        self._ca = trustme.CA()
        self._localhost = self._ca.issue_cert("localhost")
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._lock = threading.Lock()

    def write_bundle(self, path: Path) -> None:
        """Write what a client has to trust."""
        self._ca.cert_pem.write_to_path(str(path))

    def server_context(self) -> ssl.SSLContext:
        """A context whose certificate is chosen when the client has named its host."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._localhost.configure_cert(context)
        context.sni_callback = self._choose
        return context

    def _choose(self, sock: ssl.SSLSocket | ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        if name is not None:
            sock.context = self._context_of(name)
            sock.asked_for = name  # type: ignore[union-attr]

    def _context_of(self, host: str) -> ssl.SSLContext:
        with self._lock:
            if host not in self._contexts:
                self._contexts[host] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                self._ca.issue_cert(host).configure_cert(self._contexts[host])
            return self._contexts[host]
