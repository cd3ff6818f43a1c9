"""The network of a program under test: /etc/hosts and a port redirect, in user space.

Every name resolves to loopback, port 443 of loopback is the local TikTok, and
everything else is unreachable. Python imports this file by itself at start-up.
"""

import os
import socket
import typing

_PORT = int(os.environ.get("WIRE_PORT", "0"))
_LOG = os.environ.get("WIRE_LOG", "")
_LOOPBACK = ("127.0.0.1", "localhost", b"127.0.0.1", b"localhost")


def _report(sentence: str) -> None:
    if _LOG:
        with open(_LOG, "a", encoding="utf-8") as log:
            log.write(sentence + "\n")


def _getaddrinfo(
    host: typing.Any, port: typing.Any, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0
) -> list[typing.Any]:
    """Every https name is here; nothing else exists."""
    if port in ("https", b"https", "443", b"443"):
        port = 443
    numeric = str(host).replace(".", "").isdigit() or ":" in str(host)
    if host not in _LOOPBACK and (port != 443 or numeric or not _PORT):
        _report(f"the program looked up {host!r} port {port!r}")
        raise socket.gaierror(socket.EAI_NONAME, "this network has no such host")
    if family not in (0, socket.AF_INET):
        raise socket.gaierror(socket.EAI_NONAME, "this network has no IPv6")
    if type not in (0, socket.SOCK_STREAM):
        raise socket.gaierror(socket.EAI_NONAME, "this network has no datagrams")
    address = ("127.0.0.1", int(port or 0))
    return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address)]


def _redirected(address: typing.Any) -> typing.Any:
    if isinstance(address, tuple) and address[1] == 443 and address[0] in _LOOPBACK:
        return (address[0], _PORT)
    if isinstance(address, tuple) and address[0] not in _LOOPBACK:
        _report(f"the program connected to {address!r}")
        raise ConnectionRefusedError("this network ends at loopback")
    return address


_connect = socket.socket.connect
_connect_ex = socket.socket.connect_ex
socket.getaddrinfo = _getaddrinfo
socket.socket.connect = lambda self, address: _connect(self, _redirected(address))  # type: ignore[method-assign]
socket.socket.connect_ex = lambda self, address: _connect_ex(self, _redirected(address))  # type: ignore[method-assign]
