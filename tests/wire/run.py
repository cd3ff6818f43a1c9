"""Running a program, unmodified, in a process whose network is the local TikTok."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wire.record import Exchange
from wire.scenario import OPEN_ID, TOKEN, Scenario
from wire.server import TikTok, serving
from wire.tls import Authority

CHILD: Final = Path(__file__).parent / "child"


def deterministic_bytes(name: str, size: int) -> bytes:
    """Bytes that are always the same, look like nothing, and break whatever treats them as text."""
    nasty = b"\x00\r\n\x1a\xff\xfe--\r\n\r\n\x00"
    return (nasty + hashlib.shake_256(name.encode()).digest(size))[: size - len(nasty)] + nasty


VIDEO: Final = deterministic_bytes("video.mp4", 70_001)


@dataclass(frozen=True, slots=True)
class Run:
    """What a program did, seen from outside."""

    stdout: str
    stderr: str
    returncode: int
    exchanges: tuple[Exchange, ...]
    violations: tuple[str, ...]
    videos: tuple[bytes, ...]
    tokens: tuple[str, ...]
    unfinished: int = 0

    @property
    def others(self) -> tuple[tuple[str, str, str], ...]:
        """The requests that were neither API's upload, in order."""
        requests = [exchange.request for exchange in self.exchanges if exchange.kind == "other"]
        return tuple((request.method, request.host, request.target) for request in requests)


@functools.cache
def authority() -> Authority:
    """The one certificate authority of this process."""
    return Authority()


def run_program(
    program: Path | str | bytes,
    scenario: Scenario | None,
    *,
    env: Mapping[str, str] | None = None,
    argv: Sequence[str] = (),
    files: Mapping[str, int] | None = None,
    texts: Mapping[str, str] | None = None,
    tree: Path | None = None,
    timeout: float = 60,
) -> Run:
    """Run a program in a fresh directory with ``video.mp4`` in it.

    ``files`` are more binary files by name and size, ``texts`` are text files, ``tree`` is
    a directory whose files are put beside the program as they are.
    ``{token}`` and ``{open_id}`` in ``env``, ``argv`` and ``texts`` are filled
    in. Without a scenario there is no network at all.
    """
    source = program.read_bytes() if isinstance(program, Path) else program
    source = source.encode() if isinstance(source, str) else source
    with tempfile.TemporaryDirectory(prefix="wire-") as name, contextlib.ExitStack() as stack:
        tiktok, port = stack.enter_context(serving(scenario, authority())) if scenario else (None, 0)
        root = Path(name)
        work = _furnish(
            root, source, files or {}, {key: _fill(text, scenario) for key, text in (texts or {}).items()}
        )
        if tree is not None:
            shutil.copytree(tree, work, dirs_exist_ok=True)
        done = subprocess.run(
            [sys.executable, "program.py", *(_fill(word, scenario) for word in argv)],
            cwd=work,
            env=_environment(root, port, {key: _fill(value, scenario) for key, value in (env or {}).items()}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
        return _result(done, tiktok, root / "refused.log")


def _furnish(root: Path, source: bytes, files: Mapping[str, int], texts: Mapping[str, str]) -> Path:
    authority().write_bundle(root / "ca.pem")
    (root / "home").mkdir()
    work = root / "work"
    work.mkdir()
    (work / "program.py").write_bytes(source)
    (work / "video.mp4").write_bytes(VIDEO)
    for path, size in files.items():
        (work / path).parent.mkdir(parents=True, exist_ok=True)
        (work / path).write_bytes(deterministic_bytes(path, size))
    for path, text in texts.items():
        (work / path).parent.mkdir(parents=True, exist_ok=True)
        (work / path).write_text(text, encoding="utf-8")
    return work


def _fill(text: str, scenario: Scenario | None) -> str:
    token = scenario.token if scenario else TOKEN
    return text.replace("{token}", token).replace("{open_id}", OPEN_ID)


def _environment(root: Path, port: int, more: Mapping[str, str]) -> dict[str, str]:
    bundle = str(root / "ca.pem")
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(root / "home"),
        "TMPDIR": str(root),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(CHILD),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONIOENCODING": "utf-8",
        "PYTHONWARNINGS": "ignore",
        "SSL_CERT_FILE": bundle,
        "REQUESTS_CA_BUNDLE": bundle,
        "CURL_CA_BUNDLE": bundle,
        "WIRE_PORT": str(port),
        "WIRE_LOG": str(root / "refused.log"),
        **more,
    }


def _result(done: subprocess.CompletedProcess[bytes], tiktok: TikTok | None, log: Path) -> Run:
    refused = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    record = tiktok.record if tiktok else None
    return Run(
        stdout=done.stdout.decode("utf-8", "replace"),
        stderr=done.stderr.decode("utf-8", "replace"),
        returncode=done.returncode,
        exchanges=tuple(record.exchanges) if record else (),
        violations=(*(record.violations if record else ()), *refused),
        videos=tuple(record.videos) if record else (),
        tokens=tuple(record.tokens) if record else (),
        unfinished=tiktok.new.unfinished if tiktok else 0,
    )
