"""The parts that rules of every kind are made of: places, conditions, moments, selectors, actions, limits."""

from __future__ import annotations

import msgspec

from dsl.equality import EqualInMeaning
from dsl.expressions import Expression

PRIORITIES = ("low", "medium", "high", "critical")
SEVERITIES = ("info", "warning", "error", "critical")
CATEGORIES = ("agent", "resource", "performance", "communication")
STATUSES = ("starting", "up", "degraded", "down", "stopped")
RISKS = ("none", "reconnect", "reload", "restart", "redeploy", "delete")


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where something stands: the file's name as the operator knows it, and the line from 1."""

    file: str
    line: int


class Condition(EqualInMeaning, frozen=True, gc=False):
    """A state that begins and ends. `text` is as the operator wrote it; it is no part of the meaning."""

    expression: Expression
    hold: float = 0.0
    text: str = ""


class Binding(msgspec.Struct, frozen=True, gc=False):
    """`for each TYPE [as NAME] [where C]`. Without one a rule's subject is the one host.

    `by`: a subject for each group of facts with the same values in these fields; the group has these fields, aggregates range over its
    members. `joined`: the other types of a join, as (type, name); all have equal values in the fields `matching`, and the subject is the
    tuple of their keys. In both, `labels.tier` is a member of a map.
    """

    type: str
    name: str
    where: Expression | None = None
    by: tuple[str, ...] = ()
    joined: tuple[tuple[str, str], ...] = ()
    matching: tuple[str, ...] = ()


class Selector(msgspec.Struct, frozen=True, gc=False):
    """`KIND [NAME] [where C]`: `agent`, `agent vault`, `stream where stream.connected`.

    Without a name and a where it means the rule's own bound subject of that kind.
    """

    kind: str
    name: Expression | None = None
    where: Expression | None = None


class Several(msgspec.Struct, frozen=True, gc=False):
    """`restart each agent where … ordered by needs, 1 at once`: what the target selects, so many at the same time (None: all)."""

    ordered_by_needs: bool = False
    at_once: int | None = None


class Retry(msgspec.Struct, frozen=True, gc=False):
    """`retry 3 backoff 2s [doubling to 1m]`: so many more tries, each after a pause."""

    count: int = 0
    backoff: float = 0.0
    doubling_to: float | None = None


NO_RETRY = Retry()


class Action(EqualInMeaning, frozen=True, gc=False):
    """One thing to do. `kind` is the action word (`restart`, `exec`, …) or the name of an agent's own action.

    `affects` are the fact fields it may change (`agent.status`); None says that nothing was declared. `expect` (over `reply`) says when
    it counts as done.
    """

    kind: str
    target: Selector | None
    arguments: tuple[tuple[str, Expression], ...]
    timeout: float
    affects: tuple[str, ...] | None
    repeatable: bool
    risk: str
    place: Place
    text: str = ""
    several: Several | None = None
    retry: Retry = NO_RETRY
    expect: Expression | None = None


class RuleHead(EqualInMeaning, frozen=True, gc=False):
    """What every kind of rule has. A former name is no part of what it means: the clause may stay, or go, and nothing is another."""

    beside = ("place", "text", "was")

    name: str
    title: str
    place: Place
    priority: str = "medium"
    tags: tuple[str, ...] = ()
    owner: str = ""
    runbook: str = ""
    shadow: bool = False
    off: bool = False
    text: str = ""  # the block as written
    was: str = ""  # its former name, under which faults, budgets and cooldowns go on


class Limit(msgspec.Struct, frozen=True, gc=False):
    """`per` seconds is a sliding window, None is `at once`; `scope` is a path over the bindings, None is `overall`."""

    count: int
    per: float | None
    scope: tuple[str, ...] | None


# --- moments -------------------------------------------------------------------------------------------------------------


class Schedule(EqualInMeaning, frozen=True, gc=False):
    """When something is due. Times are of `timezone` (an IANA name), UTC unless said.

    `kind`: immediate (once, when it comes into force) · every (`every` seconds, counted from 1970, moved by `offset`: every 1h at
    minute 5) · daily (at `offset` seconds of the day, on `days` 0 = Monday, none = all) · cron (`cron`, five fields).
    """

    kind: str
    every: float = 0.0
    offset: float = 0.0
    days: tuple[int, ...] = ()
    cron: str = ""
    timezone: str = "UTC"
    catch_up: bool = False
    text: str = ""


class Happening(msgspec.Struct, frozen=True, gc=False):
    """An event that a moment waits for: of `type`, bound as `name`, of which `where` is true."""

    type: str
    name: str
    where: Expression | None = None


class Moment(msgspec.Struct, frozen=True, gc=False):
    """What a rule waits for as an instant: `on fault …`, `on exhausted RECOVERY`, `on change of PATH`, `on PATH from A to B`, a schedule,
    `on event …`. `kind`: fault exhausted change schedule event.

    Of an event: `first` happens; with `then`, that one follows (or, `followed` False, does not follow) within so many seconds.
    """

    kind: str
    names: tuple[str, ...] = ()  # detections or recoveries
    where: Expression | None = None
    path: tuple[str, ...] = ()  # subject, then its field
    before: object = None  # `from "up"`, None: anything
    after: object = None
    schedule: Schedule | None = None
    first: Happening | None = None
    then: Happening | None = None
    followed: bool = True
    within: float = 0.0


class Keep(msgspec.Struct, frozen=True, gc=False):
    """`keep at least N TYPE where C`: no action may begin that leaves fewer."""

    least: int
    type: str
    where: Expression | None
