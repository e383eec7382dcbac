"""Actions over several agents: the engine makes of one of them an action on each. The form for one agent stands beside its code."""

from dsl.vocabulary.word import ActionWord, Word

_SEVERAL = "each type:agent [where where:CONDITION] [ordered by needs] [[,] at_once:NUMBER at once]"


def _over_several(name: str, does: str, risk: str) -> ActionWord:
    """The form of an action for several agents."""
    return ActionWord(
        name=name,
        inside=("action",),
        shape=_SEVERAL,
        doc=(
            f"{does} every agent for which the condition holds, all at the same time, or so many at once; with `ordered by needs` each "
            "after those that it needs, to stop them before."
        ),
        example=f'{name} each agent where agent.labels.tier == "trading" ordered by needs, 1 at once',
        target="agent",
        risk=risk,
        affects=("agent.status",),
    )


WORDS: tuple[Word, ...] = (
    _over_several("restart", "Restarts", "restart"),
    _over_several("start", "Starts", "restart"),
    _over_several("stop", "Stops", "restart"),
)
