"""Actions that the language has and whose code is not written yet. A word moves beside its code when there is some."""

from dsl.vocabulary.word import ActionWord


def _unit(name: str, does: str) -> ActionWord:
    """The form of an action for what is no agent."""
    return ActionWord(
        name=name,
        inside=("action",),
        shape="unit:(systemd | docker) name:TEXT",
        doc=f"{does} a unit of systemd, or a container, that is no agent's.",
        example=f'{name} systemd "nginx.service"',
        risk="restart",
        affects=None,
    )


WORDS: tuple[ActionWord, ...] = (
    _unit("restart", "Restarts"),
    _unit("start", "Starts"),
    _unit("stop", "Stops"),
    ActionWord(
        name="cap",
        inside=("action",),
        shape="selector:SELECTOR limits:NAMED…",
        doc=(
            "Limits what an agent may use from now on: cores (`cpu`) and bytes (`memory`), through its control group. Where one is not "
            "named, its limit stays as it is."
        ),
        example="cap agent realtime cpu: 1.5, memory: 512MiB",
        target="agent",
        risk="reload",
        repeatable=True,
        affects=("agent.cpu", "agent.memory"),
    ),
    ActionWord(
        name="wait",
        inside=("action", "step action"),
        shape="until until:CONDITION",
        doc="Goes on when the condition is true; it has failed when its time is over before.",
        example='wait until agent.status == "up" { timeout 5m }',
        repeatable=True,
    ),
    ActionWord(
        name="approve",
        inside=("action", "step action"),
        shape="[by channel:CHANNEL] [text:TEXT]",
        doc=(
            "Asks a person, through that channel where one is named, and goes on when somebody approved it (`volexd approve`); it has "
            "failed when somebody refused, or nobody answered in time."
        ),
        example='approve by oncall "Redeploy the database?" { timeout 30m }',
        timeout=3600.0,
        reply={"approved": "flag", "by": "text"},
        repeatable=True,
    ),
)
