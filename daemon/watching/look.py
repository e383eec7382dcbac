"""One look at the world, bounded, with every way in which it can fail."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from loguru import logger

from daemon.probes.probe import ProbeFailure, ProbeKind, Reply
from daemon.world.failures import OwnFailure
from daemon.world.secrets import SecretFailure
from daemon.world.settings import settings_of
from daemon.world.world import World
from daemon.world.written import one_line
from dsl.expressions import Expression
from dsl.program import Check
from engine.analysis.evaluate import evaluate
from engine.analysis.written import duration


class Seen(msgspec.Struct, frozen=True):
    """What a look gave: a reply, or an error in a few words. `own`: the failure is volexd's, and says nothing about the world."""

    began: float
    reply: Reply | None = None
    error: str = ""
    own: bool = False


class Verdict(msgspec.Struct, frozen=True):
    """Whether a reply is what was expected; `ok` None when nobody knows, because volexd could not look."""

    ok: bool | None
    error: str = ""


async def look(check: Check, kind: ProbeKind, world: World) -> Seen:
    """Looks once; raises nothing but CancelledError."""
    began = world.now()
    try:
        with world.deadlines.within(check.timeout):
            return Seen(began, await kind.look(settings_of(check.settings, {}, began), world))
    except TimeoutError:
        return Seen(began, error=f"no answer within {duration(check.timeout)}")
    except (ProbeFailure, SecretFailure) as error:
        return Seen(began, error=one_line(str(error)))
    except OwnFailure as error:
        return Seen(began, error=f"volexd could not look: {one_line(str(error))}", own=True)
    except Exception as error:  # noqa: BLE001 - a bug in one probe must not end all watching
        logger.exception("a look by {} failed in a way that nobody foresaw", check.kind)
        return Seen(began, error=f"volexd could not look: {type(error).__name__}", own=True)


def judged(check: Check, kind: ProbeKind, seen: Seen, now: float) -> Verdict:
    """What is not known to be as expected is not as expected."""
    if seen.reply is None:
        return Verdict(None if seen.own else False, seen.error)
    if check.expect is None:
        ok = kind.healthy(seen.reply)
    else:
        ok = valued(check.expect, {"reply": seen.reply}, now) is True
    return Verdict(ok, "" if ok else f"not as expected: {kind.described(seen.reply)}")


def valued(expression: Expression, bindings: Mapping[str, object], now: float) -> object:
    """The value over what came from outside: what cannot be calculated with it is unknown."""
    try:
        return evaluate(expression, bindings, now)
    except (ArithmeticError, TypeError, ValueError, RecursionError):
        return None
