"""A local TikTok: both APIs over TLS on loopback, and a way to run programs against it.

Nothing in a program under test is patched: it keeps its real URLs, its own HTTP
client and its own certificate checks. What is local is the machine around it:
the resolver and the certificate authority.
"""

from wire.record import Exchange
from wire.run import VIDEO, Run, deterministic_bytes, run_program
from wire.scenario import NEW_SCENARIOS, OLD_SCENARIOS, OPEN_ID, TOKEN, Scenario

__all__ = [
    "NEW_SCENARIOS",
    "OLD_SCENARIOS",
    "OPEN_ID",
    "TOKEN",
    "VIDEO",
    "Exchange",
    "Run",
    "Scenario",
    "deterministic_bytes",
    "run_program",
]
