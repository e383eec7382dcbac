"""Actions that steer work and agents. They are the engine's own: nothing outside has to be done for them."""

from dsl.vocabulary.word import ActionWord

_STEERING = ("steering",)
_TARGET = "selector:SELECTOR"

WORDS = (
    ActionWord(
        name="run",
        inside=(*_STEERING, "step action"),
        shape="called:CALLED",
        doc="Starts a workflow, with a value for each of its parameters, or an automation.",
        example='run rebalance(symbols: ["BTC-USD"])',
        risk="redeploy",  # what the work does is for it to say, as with `exec`
    ),
    ActionWord(
        name="pause",
        inside=_STEERING,
        shape=_TARGET,
        doc=(
            "Holds automations back: none begins until it is resumed, and what runs goes on. Of an agent: nothing recovers it. "
            "A pause has a holder: who paused it has to resume it."
        ),
        example='pause automation where automation.priority < "high"',
        affects=("automation.paused", "agent.paused"),
    ),
    ActionWord(
        name="resume",
        inside=_STEERING,
        shape=_TARGET,
        doc="Lifts pauses of this rule, and no others; without a name and a condition, all of them.",
        example="resume automation",
        affects=("automation.paused", "agent.paused"),
    ),
    ActionWord(
        name="cancel",
        inside=_STEERING,
        shape=_TARGET,
        doc="Ends the runs of automations, or of workflows, that are under way; what their steps have done is undone.",
        example="cancel automation rebalance_hourly",
        affects=("automation.running", "workflow.running"),
    ),
)
