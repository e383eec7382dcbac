"""What a moment is: the same shapes behind `on`, in every kind of rule that waits for one."""

FAULT = "fault where where:CONDITION | fault detections:DETECTION,… [where where:CONDITION]"
EXHAUSTED = "exhausted recoveries:RECOVERY,…"
EVENT = (
    "event first:EVENT [as first_name:NAME] [where first_where:CONDITION]"
    " [(followed | not followed) by event then:EVENT [as then_name:NAME] [where then_where:CONDITION] within within:DURATION]"
)
CHANGE = "change of path:PATH | path:PATH [from before:VALUE] to after:VALUE"
MOMENT = f"{FAULT} | {EXHAUSTED} | {EVENT} | {CHANGE}"
