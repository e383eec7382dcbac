"""`volexd demo`: a small swarm of real processes is started, put to work, broken, and healed by rules that anybody can read."""

from __future__ import annotations


def run(db: str | None, as_json: bool) -> int:
    """Ends by itself within 75 s. 0 if everything was healed or escalated as the rules say, else 1."""
    from daemon.demo.performance import perform

    return perform(db, as_json)
