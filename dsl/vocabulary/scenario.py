"""The clauses of `test`."""

from dsl.vocabulary.word import Word

WORDS = (
    Word(
        name="given",
        inside=("test",),
        shape="event event:EVENT [values:NAMED…] | type:TYPE [key:KEY] values:NAMED…",
        doc=(
            "Values at the beginning; they stay fresh until `lose`. Or an event that happens then. A time is `now`, or before it "
            '(`now - 5m`), or a text ("2026-12-25T09:00:00Z").'
        ),
        example='given agent api status: "up"',
        repeats=True,
    ),
    Word(
        name="at",
        inside=("test",),
        shape="(end | at:DURATION) <moment>",
        doc="What happens, or must be true, at this time from the beginning.",
        example='at 10s set agent api status: "down"',
        repeats=True,
    ),
    Word(
        name="every",
        inside=("test",),
        shape="every:DURATION <moment>",
        doc="What happens, or must be true, again and again from the beginning to the end.",
        example="every 5s set host cpu: 40%",
        repeats=True,
    ),
    Word(
        name="set",
        inside=("moment",),
        shape="type:TYPE [key:KEY] values:NAMED…",
        doc="Values that are seen from now on.",
        example='at 10s set agent api status: "down"',
    ),
    Word(
        name="event",
        inside=("moment",),
        shape="event:EVENT [values:NAMED…]",
        doc="An event happens.",
        example='at 5s event deploy agent: "api"',
    ),
    Word(
        name="lose",
        inside=("test", "moment"),
        shape="type:TYPE [key:KEY]",
        doc="Its samples stop; it goes stale.",
        example="at 30s lose agent api",
        repeats=True,
    ),
    Word(
        name="action",
        inside=("test", "moment"),
        shape="action:NAME outcome:(succeeds | fails)",
        doc="How actions of this kind end from now on; they succeed and change nothing unless the test says otherwise.",
        example="at 0s action restart fails",
        repeats=True,
    ),
    Word(
        name="run",
        inside=("moment",),
        shape="called:CALLED",
        doc="A workflow, or an automation, is run by hand.",
        example="at 5s run rebalance_hourly",
    ),
    Word(
        name="expect",
        inside=("moment",),
        shape="[no] fault [fault:DETECTION] [on subject:SELECTOR] [severity severity:(info | warning | error | critical)]"
        " | [no] action action:NAME [on subject:SELECTOR] [with values:NAMED…]"
        " | [no] alert alert:ALERT [to channel:CHANNEL]"
        " | [no] notify channel:CHANNEL [by rule:NAME]"
        " | recovery recovery:RECOVERY outcome:(succeeded | failed | unneeded | exhausted) [with step:NAME]"
        " | [no] workflow workflow:WORKFLOW [outcome:(running | succeeded | failed | cancelled)]"
        " | [no] step step:NAME of workflow:WORKFLOW [outcome:(running | succeeded | failed | skipped | cancelled | undone)]"
        " | [no] automation automation:AUTOMATION [outcome:(running | succeeded | failed | cancelled | skipped)]"
        " | [no] adaptation adaptation:ADAPTATION [outcome:(applied | refused | late)]"
        " | [no] maintenance maintenance:MAINTENANCE"
        " | count:COUNTING",
        doc=(
            "What must be so: a fault open or not, an action begun or not (with these arguments), people told or not, a recovery ended, "
            "work begun or ended, or how many there were of one of these (`count(action restart) == 1`)."
        ),
        example="at 26s expect fault agent_down on agent api",
    ),
)
