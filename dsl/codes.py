"""The registry of finding codes. A code keeps its meaning for ever and is never used again for another.

1xx shape · 2xx names · 3xx types and units: errors. 4xx sense (48x: silences) · 6xx style: warnings, unless the entry says otherwise.
5xx proofs. Every code has its page in `docs/findings/`, whose example a test holds to the finding and to its text.
"""

from __future__ import annotations

import msgspec

# The first digit of a code, and what its findings are about.
RANGES = {"1": "Shape", "2": "Names", "3": "Types and units", "4": "Sense", "5": "Proofs", "6": "Style"}

# Codes that were given once and mean nothing any more: they are not given again.
RETIRED: frozenset[str] = frozenset()


class Code(msgspec.Struct, frozen=True):
    """`severity`: error, warning or info. `always`: every check looks for it; otherwise only the daemon does, or a check that was
    asked to, so that a silence of it may be of use where nothing was found."""

    code: str
    title: str
    meaning: str
    severity: str = "error"
    always: bool = True

    @property
    def range(self) -> str:
        """What its findings are about."""
        return RANGES[self.code[1]]


_ALL = (
    # --- 1xx: shape ---
    Code("V100", "not a text", "The file holds bytes that are no UTF-8 text; a rule file is plain text."),
    Code(
        "V101",
        "unexpected here",
        "What stands here does not fit what stands before it; the line was skipped.",
    ),
    Code("V102", "text not closed", "A quote opens a text and no quote closes it on the same line."),
    Code("V103", "bracket not closed", "A brace or bracket is opened and never closed."),
    Code("V104", "bracket closes nothing", "A closing brace or bracket has no opening one."),
    Code(
        "V105", "nested too deep", "Brackets or calculations are nested deeper than anything a person writes."
    ),
    Code("V106", "block too long", "One declaration, or one file of them, is longer than the checker takes."),
    Code("V107", "too many mistakes", "There are more mistakes than help anybody; the rest is not shown."),
    Code(
        "V108",
        "in column 1",
        "Only declarations (and a closing brace) stand in column 1; everything else is indented.",
    ),
    Code(
        "V109", "operator of another language", "The operator is written differently here: and, or, not, ==."
    ),
    Code(
        "V110",
        "colon after a clause word",
        "A clause is a word and its values, without a colon between them.",
    ),
    Code("V111", "clause not understood", "The values after a clause word are not the ones it takes."),
    Code("V112", "too much", "The clause is complete, and something more stands behind it."),
    Code("V113", "clause missing", "A clause that this declaration cannot do without is not there."),
    Code("V114", "clause repeated", "A clause that may stand once stands twice."),
    Code("V115", "braces", "The clause takes no braces, or needs them and has none."),
    Code(
        "V116",
        "escape",
        "A text holds a backslash with a letter that means nothing, or a brace that is not closed.",
    ),
    Code(
        "V117",
        "language version",
        "The file was written for a version of the language that this program does not know.",
    ),
    Code("V118", "cannot be read", "A file or directory of rules cannot be read at all."),
    Code(
        "V190",
        "not run yet",
        "This is part of the language, but this version does not run it; it is refused, not ignored.",
    ),
    # --- 2xx: names ---
    Code("V201", "unknown clause", "No clause of this name may stand here."),
    Code("V202", "unknown declaration", "No declaration begins with this word."),
    Code("V203", "unknown name", "Nothing of this name is known here."),
    Code("V204", "unknown field", "The fact type has no field of this name."),
    Code("V205", "unknown value", "The field takes one of a closed set of values, and this is none of them."),
    Code("V206", "not declared", "A declaration is named that does not exist."),
    Code("V207", "declared twice", "Two declarations of one kind have the same name."),
    Code("V208", "unknown function", "There is no function of this name."),
    Code(
        "V209", "not bound here", "Things of this type exist, but the rule does not say which one is meant."
    ),
    Code(
        "V210",
        "file not found",
        "A `use` names a file that does not exist, or that lies outside the rules directory.",
    ),
    Code(
        "V211", "circle", "Declarations lead back to themselves: needs, constants, files that use each other."
    ),
    Code(
        "V212",
        "arguments",
        "A function or an agent's action is given too few, too many or wrongly named values.",
    ),
    Code(
        "V213",
        "members and time at once",
        "One call would range over members and over time; each needs a call of its own.",
    ),
    Code(
        "V214",
        "no samples of one fact",
        "What a function looks back at has to be read from the fields of one fact, and from nothing else.",
    ),
    Code(
        "V215",
        "differs in the group",
        "The rule is about groups, and the members of one may have different values in this field.",
    ),
    Code(
        "V216",
        "no facts here",
        "Facts, their past and what happened can be asked for in rules, and not where this stands.",
    ),
    Code(
        "V217",
        "nothing that lasts",
        "A condition must have been true for a while, and reads what the rule is told of only in passing.",
    ),
    # --- 3xx: types and units ---
    Code(
        "V301",
        "types do not match",
        "Values of two kinds are compared or put together that have nothing in common.",
    ),
    Code("V302", "unit missing", "A number stands where a quantity is needed; it has no unit."),
    Code("V303", "percent", "A percentage is compared with a bare number; 90 % is written 90%."),
    Code("V304", "wrong type", "A value of another type is needed here."),
    Code("V305", "no order", "`<` and `>` need something that has an order; a text has none."),
    Code("V306", "not constant", "This value must be known when the rules are loaded."),
    Code("V307", "secret", "A secret is used where it would be shown or stored."),
    Code("V308", "regular expression", "The regular expression is wrong, or could take for ever to match."),
    Code("V309", "out of range", "The value is outside the range that makes sense here."),
    Code("V310", "unknown unit", "The letters behind the number are no unit."),
    Code("V311", "schedule", "A cron expression or a time zone that cannot be read."),
    Code("V312", "never due", "The schedule names a day that never comes, as 30 February."),
    # --- 4xx: sense ---
    Code("V401", "nothing declared", "The file declares nothing.", "warning"),
    Code(
        "V402",
        "recovery without limit",
        "A recovery must say how often it may act at most, and for whom.",
        "error",
    ),
    Code("V403", "nothing raises it", "No detection raises the faults that the rule is for.", "warning"),
    Code(
        "V404",
        "nobody acts",
        "The fault has neither a recovery nor a notice: it would only be recorded.",
        "warning",
    ),
    Code(
        "V405",
        "hold shorter than the probe",
        "A hold shorter than the probe's interval is passed by one sample.",
        "warning",
    ),
    Code(
        "V406",
        "verified too soon",
        "Success cannot be seen before the time allowed for it is over.",
        "warning",
    ),
    Code("V407", "constant not used", "A `let` that nothing uses.", "warning"),
    Code(
        "V408",
        "order as written",
        "`order learned` where no two steps may change places.",
        "info",
    ),
    Code("V409", "label nobody has", "No agent has a label of this name.", "warning"),
    Code(
        "V410",
        "everybody may write it",
        "Every user of the machine can change these rules: the daemon refuses them.",
        "warning",
    ),
    Code(
        "V411",
        "program not found",
        "A program that the rules run is not where the daemon looks for it.",
        "warning",
        always=False,
    ),
    Code(
        "V420",
        "more than there is",
        "Work reserves more than the machine has, and would wait for ever.",
        "error",
    ),
    Code(
        "V421",
        "step not optional",
        "An adaptation skips a step without which the workflow does not succeed.",
        "error",
    ),
    Code(
        "V422",
        "never undone",
        "Nothing can fail after a step at the very end, so its `undo` is hardly ever done.",
        "warning",
    ),
    Code(
        "V423",
        "repeated request",
        "A request that changes something is tried again after a failure, though it may have been done.",
        "error",
    ),
    Code(
        "V424",
        "never true",
        "No facts at all make the condition true: nothing ever happens by it.",
        "warning",
    ),
    Code("V425", "always true", "The condition can never be false: it distinguishes nothing.", "warning"),
    Code("V426", "written twice", "Two rules are the same but for their names.", "warning"),
    Code(
        "V427",
        "says nothing new",
        "Whenever the fault is raised, another one as grave has been raised already.",
        "warning",
    ),
    Code(
        "V428",
        "nothing supplies it",
        "Conditions read facts of a type that no probe and no rule brings.",
        "warning",
    ),
    Code("V429", "ends while it begins", "`until` can be true while `when` is.", "warning"),
    Code(
        "V431",
        "message without the value",
        "The message does not say the value that the condition is about.",
        "warning",
    ),
    Code("V432", "exactly equal", "A measured value is compared for being exactly equal.", "warning"),
    Code(
        "V433",
        "pattern of one text",
        "A regular expression without anything special matches one text only.",
        "warning",
    ),
    Code("V434", "pattern of every text", "A regular expression matches every text.", "warning"),
    Code("V435", "channel not used", "Nothing is ever told over the channel.", "warning"),
    Code("V436", "agent without health", "Nothing says whether the agent works.", "warning"),
    Code(
        "V437",
        "limit never reached",
        "Another limit, or the cooldown, never lets the limit be reached.",
        "warning",
    ),
    Code("V438", "nothing runs it", "Nothing runs the workflow, though other work is run.", "info"),
    Code(
        "V439",
        "adaptation never applies",
        "The condition is true of no step of the workflow that the adaptation is for.",
        "warning",
    ),
    Code(
        "V440",
        "always blocked",
        "`unless` is true whenever `when` is: nothing ever comes of the rule.",
        "warning",
    ),
    Code("V441", "names alike", "Two names differ in nothing but capitals.", "warning"),
    Code("V442", "same message", "Two faults as grave as each other are told in the same words.", "warning"),
    Code(
        "V443",
        "known anyway",
        "`known(x)` stands beside a comparison that is only true of a value that is known.",
        "warning",
    ),
    Code("V444", "test expects nothing", "The test passes whatever the rules do.", "warning"),
    Code(
        "V445",
        "keeps all there are",
        "So many agents are to be kept that none may ever be touched.",
        "warning",
    ),
    Code("V446", "inhibits itself", "A fault holds back its own notices and recoveries.", "warning"),
    Code(
        "V447",
        "anchors",
        "A regular expression says where a text begins or ends, and is held against the whole text anyway.",
        "warning",
    ),
    Code(
        "V448",
        "value nobody has",
        "A name or a label is compared with a value that nothing has.",
        "warning",
    ),
    Code(
        "V449",
        "pause never lifted",
        "A rule pauses something and never resumes it; no other rule can.",
        "warning",
    ),
    Code(
        "V450",
        "resumes nothing",
        "A rule resumes what it never paused: it lifts its own pauses only.",
        "warning",
    ),
    Code(
        "V451",
        "overwritten",
        "A rule sets what a probe reports, and the next sample takes it back.",
        "warning",
    ),
    Code(
        "V452",
        "deadline too short",
        "The run is ended before one of its steps could run out of time.",
        "warning",
    ),
    Code("V453", "tier overtaken", "Whenever a tier of severity is true, a graver one is.", "warning"),
    Code("V454", "window too short", "Too few samples fall into a window for it to say anything.", "warning"),
    Code(
        "V455",
        "age of a time",
        "`age` of a time is how old its sample is, not how long ago the time was.",
        "warning",
    ),
    # --- 48x: silences (`# volexd: allow …`) ---
    Code(
        "V480",
        "silence not understood",
        "A comment that begins with `volexd:` says nothing known.",
        "warning",
    ),
    Code("V481", "silence without a reason", "A comment silences a finding without saying why.", "warning"),
    Code("V482", "silence of no code", "A comment silences a code that there is not.", "warning"),
    Code(
        "V483",
        "silence of an error",
        "A comment is to silence what cannot be silenced: only warnings and notes can.",
        "warning",
    ),
    Code("V484", "silence expired", "The last day of a silence is over; its finding is back.", "warning"),
    Code("V485", "silence of nothing", "A comment silences a finding that is not there.", "warning"),
    Code(
        "V490",
        "sign of a shell",
        "A command holds a pipe, `&&` or `>` as a word of its own; no shell reads it.",
        "warning",
    ),
    # --- 5xx: proofs ---
    Code(
        "V501",
        "without end",
        "Rules set each other off for ever, whatever else happens; the finding shows from which facts.",
    ),
    Code(
        "V502",
        "against each other",
        "Two rules can be true together and do the opposite to one thing; the finding shows when.",
    ),
    Code(
        "V503",
        "limited by nothing",
        "What a rule does may bring its own condition about again, and nothing limits how often it acts.",
        "warning",
    ),
    Code(
        "V504",
        "equal standing",
        "Two recoveries are for the same fault, and nothing but their place says which is tried first.",
        "warning",
    ),
    # --- 6xx: style ---
    Code(
        "V601", "unlike its neighbours", "A name is written in another form than those around it.", "warning"
    ),
    Code("V602", "long line", "A line is so long that nobody sees its end.", "warning"),
    Code("V603", "dollar before a brace", "A `$` before `{` in a text is shown as it stands.", "warning"),
    Code("V611", "compared with true", "A flag is compared with true or false.", "warning"),
    Code("V612", "no twice", "A negation negates what is negated already.", "warning"),
    Code("V613", "written backwards", "The comparison begins with what is compared with.", "warning"),
    Code("V614", "choice written out", "One value is compared with several, one after the other.", "warning"),
)

CODES = {code.code: code for code in _ALL}
