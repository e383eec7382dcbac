"""`order learned` (meaning 19): which step is tried first, why, and what of it outlives an edit and a restart."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.program import Program
from engine.engine import Engine
from engine.events import Reported, Restored
from engine.knowledge.healing import WINDOW
from tests.engine.meanings.saying import item, said, watch
from tests.engine.work.work_world import Goes, WorkWorld

WITHIN = 10.0
HEALS_IN = 2.0
STARTED = 1.0  # the actions take so long


def run(name: str, within: float = WITHIN) -> str:
    return f'try {name} {{ exec ["/bin/{name}"]; verify within {within:g}s }}'


def post(name: str) -> str:
    return f'try {name} {{ http post "http://{name}"; verify within {WITHIN:g}s }}'


def note(name: str) -> str:
    return f'try {name} {{ log "{name}"; verify within {WITHIN:g}s }}'


def rules(
    *steps: str, order: str = "learned", limit: str = "limit 999 per 1h overall", more: str = ""
) -> str:
    recovery = f"recovery r {{ on fault d; order {order}; {'; '.join(steps)}; {limit}; {more} }}\n"
    return watch("item.x > 5").replace("notify c ", "") + recovery


class Swarm(WorkWorld):
    """Items fall ill, and the step that is named heals them some seconds after its action ended."""

    def __init__(self, program: Program | None = None, at: float = 0.0) -> None:
        super().__init__(program, at, exec=Goes(STARTED), http=Goes(STARTED), log=Goes(STARTED))
        self.cures: dict[str, set[str]] = {}
        self.heals_in: dict[str, float] = {}

    def falls_ill(self, *cures: str, who: str = "p") -> list[str]:
        """The steps that were tried."""
        before = len(self.table("attempt"))
        self.begins(*cures, who=who)
        self.lasts()
        item(self, who, x=1.0)
        return self.tried()[before:]

    def begins(self, *cures: str, who: str = "p") -> None:
        self.cures[who] = set(cures)
        item(self, who, x=9.0)

    def lasts(self, seconds: float = 100.0) -> None:
        end = self.now + seconds
        while self.now < end:
            self.at(self.now + 0.5)
            for row in self.table("attempt"):
                if self._is_healed(row):
                    item(self, row["subject"], x=1.0)

    def _is_healed(self, row: dict[str, Any]) -> bool:
        if row.get("outcome") is not None or row.get("acted_at") is None:
            return False
        heals = row["step"] in self.cures.get(row["subject"], ())
        return heals and self.now >= row["acted_at"] + self.heals_in.get(row["step"], HEALS_IN)

    def tried(self) -> list[str]:
        return [row["step"] for row in self.table("attempt")]

    def orders(self) -> list[str]:
        return [row["line"] for row in self.table("derivation") if row["line"].startswith("order: ")]

    def known(self) -> dict[str, tuple[Any, ...]]:
        """By step its place, and of how many tries how many healed."""
        return {
            row["name"]: (row["place"], row["recent_runs"], row["recent_successes"])
            for row in self.table("learned")
        }

    def next_life(self, program: Program) -> Swarm:
        """volexd was killed: what the store knew, and nothing else."""
        new = Swarm(at=self.now + 1)
        ids = [identity for table, rows in self.rows.items() if table != "derivation" for identity in rows]
        new.engine = Engine(max(ids, default=0) + 1, 1 + len(self.table("derivation")))
        new.rows, new.cures, new.heals_in = self.rows, self.cures, self.heals_in
        new.load(program)
        faults = self._whole("fault", "message acknowledged_at attempts outcome began_at")
        new.send(
            Restored(
                new.now,
                faults=tuple(row for row in faults if row["outcome"] is None),
                recoveries=self._whole("recovery", "outcome ended_at step_order"),
                attempts=self._whole("attempt", "ended_at outcome"),
                actions=tuple(row for row in self._whole("action", "outcome") if row["outcome"] is None),
                learned=self._whole("learned", ""),
            )
        )
        return new

    def _whole(self, table: str, columns: str) -> tuple[dict[str, Any], ...]:
        return tuple(dict.fromkeys(columns.split()) | row for row in self.table(table))


def swarm(*steps: str, **more: str) -> Swarm:
    return Swarm(said(rules(*steps, **more)))


def taught(*steps: str, cure: str = "two") -> Swarm:
    found = swarm(*steps)
    for _ in range(3):
        found.falls_ill(cure)
    return found


# --- what is tried first ---------------------------------------------------------------------------------------------------------


def test_it_begins_as_written_and_what_heals_goes_first_once_three_faults_have_taught() -> None:
    found = swarm(run("one"), run("two"), run("three"))
    tried = [found.falls_ill("two") for _ in range(5)]
    assert tried == [["one", "two"]] * 3 + [["two"]] * 2


def test_why_tells_the_order_and_its_reason_with_the_numbers() -> None:
    found = taught(run("one"), run("two"))
    found.falls_ill("two")
    found.falls_ill("two")
    numbers = "two healed 1 of 1 and 3 of 3 after others (3s a try), one healed 0 of 3 (11s a try)"
    assert found.orders() == [
        "order: one, two as written: 0 of 3 faults have taught so far",
        "order: one, two as written: 1 of 3 faults have taught so far",
        "order: one, two as written: 2 of 3 faults have taught so far",
        "order: two, one, learned from the last 3 faults: two healed 3 of 3 after others (3s a try), one healed 0 of 3 (11s a try)",
        f"order: two, one, learned from the last 4 faults: {numbers}",
    ]


def test_the_quicker_of_two_that_heal_goes_first() -> None:
    found = swarm(run("one"), run("two"))
    found.heals_in = {"one": 9.0, "two": 0.5}
    for _ in range(3):
        found.falls_ill("two")
    for _ in range(3):
        found.falls_ill("one", "two")
    assert found.falls_ill("one", "two") == ["two"]
    assert found.known() == {"r/one": (2, 3, 0), "r/two": (1, 7, 7)}


def test_a_best_step_that_changes_is_found_again() -> None:
    found = taught(run("one"), run("two"))
    for _ in range(20):
        found.falls_ill("two")
    tried = [found.falls_ill("one") for _ in range(20)]
    assert tried[0] == ["two", "one"]
    assert tried[-1] == ["one"]
    assert tried.index(["one"]) < 15


def test_what_fails_at_once_does_not_go_first_for_being_quick() -> None:
    found = swarm(run("one"), run("two"))
    found.goes["/bin/one"] = Goes(0.1, "failed", "exit status 1")
    for _ in range(4):
        found.falls_ill("two")
    assert found.falls_ill("two") == ["two"]


def test_a_try_after_others_says_less() -> None:
    """Four of five faults are cured by the first step, the others by the second one: that heals all that it is tried on."""
    found = swarm(run("one"), run("two"))
    tried = [found.falls_ill("two" if number % 5 == 4 else "one")[0] for number in range(60)]
    assert tried.count("one") > 50


def test_steps_of_another_class_of_risk_keep_their_places() -> None:
    found = swarm(note("a"), post("b"), post("c"), run("d"), run("e"))
    for _ in range(4):
        found.falls_ill("e")
    note_first, *posts, last = found.falls_ill("e")
    assert (note_first, sorted(posts), last) == ("a", ["b", "c"], "e")
    for _ in range(30):
        found.falls_ill("c")
    assert found.falls_ill("c") == ["a", "c"]


def test_what_belongs_to_a_step_goes_with_it() -> None:
    found = taught(run("one"), run("two", within=25.0))
    assert found.falls_ill() == ["two", "one"]
    spans = [row["ended_at"] - row["acted_at"] for row in found.table("attempt")[-2:]]
    assert spans == [25.0, WITHIN]


def test_all_that_are_tried_then_otherwise_once() -> None:
    found = Swarm(said(rules(run("one"), run("two"), more='otherwise { log "nothing helped" }')))
    for _ in range(3):
        found.falls_ill("two")
    assert found.falls_ill() == ["two", "one"]
    assert [row["outcome"] for row in found.table("recovery")] == ["succeeded"] * 3 + ["exhausted"]
    assert [do.kind for do in found.done].count("log") == 1


def test_the_shadow_claims_the_step_that_would_be_tried() -> None:
    found = taught(run("one"), run("two"))
    found.load(said(rules(run("one"), run("two"), more="shadow")))
    found.falls_ill()
    assert [row["step"] for row in found.table("shadow_action", kind="recovery")] == ["two"]


def test_a_recovery_that_did_nothing_yet_takes_its_new_text_and_the_order_of_that() -> None:
    found = Swarm(said(rules(run("one"), run("two"), more="unless item.on")))
    for _ in range(3):
        found.falls_ill("two")
    item(found, on=True)
    found.begins("two")
    found.load(said(rules(run("zero"), run("one"), run("two"), more="unless item.on")))
    item(found, on=False)
    found.lasts()
    assert found.tried()[6:] == ["two"]


# --- what is learned -------------------------------------------------------------------------------------------------------------


def test_nothing_is_learned_where_the_order_is_the_written_one() -> None:
    found = swarm(run("one"), run("two"), order="written")
    assert [found.falls_ill("two") for _ in range(5)] == [["one", "two"]] * 5
    assert (found.table("learned"), found.orders()) == ([], [])
    assert not any("step_order" in row for row in found.table("recovery"))


def test_rows_say_what_is_known() -> None:
    found = taught(run("one"), run("two"))
    one, two = found.table("learned")
    assert (one["kind"], one["name"], one["runs"], one["successes"]) == ("recovery", "r/one", 3, 0)
    assert (two["name"], two["duration_mean_s"], two["duration_p90_s"]) == ("r/two", 3.0, 3.0)
    assert (one["place"], two["place"]) == (2, 1)
    assert one["recent"] == "[[1,1,0,11.0],[2,1,0,11.0],[3,1,0,11.0]]"
    assert two["recent"] == "[[1,0,1,3.0],[2,0,1,3.0],[3,0,1,3.0]]"
    assert [row["step_order"] for row in found.table("recovery")] == ['["one","two"]'] * 3


def test_what_was_not_needed_gets_no_credit() -> None:
    found = swarm(run("one"), run("two"))
    found.goes["exec"] = Goes(5.0)
    item(found, x=9.0)
    found.at(found.now + 1)
    item(found, x=1.0)
    found.at(found.now + 30)
    assert [row["outcome"] for row in found.table("attempt")] == ["unneeded"]
    assert found.table("learned") == []


def test_what_is_kept_is_bounded_and_forgets() -> None:
    found = taught(run("one"), run("two"))
    for _ in range(2 * WINDOW):
        found.falls_ill("two")
    assert found.known() == {"r/one": (2, 0, 0), "r/two": (1, WINDOW, WINDOW)}
    assert all(len(record.tries) <= WINDOW for record in found.engine.orders.healing.records.values())


# --- what outlives what ------------------------------------------------------------------------------------------------------------


def test_over_a_reload_it_follows_what_a_step_means() -> None:
    found = taught(run("one"), run("two"))
    renamed = run("two").replace("try two", "try other")
    found.load(said(rules(run("zero"), run("one"), renamed)))
    assert found.engine.carried.kept["learned values"] == 2
    assert found.falls_ill("other") == ["other"]
    assert found.known() == {"r/one": (3, 3, 0), "r/other": (1, 4, 4)}


def test_a_step_that_does_something_else_begins_anew_and_an_edit_taken_back_does_not() -> None:
    found = taught(run("one"), run("two"))
    found.load(said(rules(run("one"), run("two", within=20.0))))
    (reset,) = found.engine.carried.resets
    assert reset.said() == "learned values of r/two (1): its step does something else now"
    assert found.known()["r/two"] == (None, 3, 3)
    found.load(said(rules(run("one"), run("two"))))
    assert found.falls_ill("two") == ["two"]


def test_it_outlives_a_restart() -> None:
    program = said(rules(run("one"), run("two")))
    found = taught(run("one"), run("two")).next_life(program)
    assert found.engine.taken_up.kept["learned values"] == 2
    assert found.falls_ill("two") == ["two"]
    assert found.known() == {"r/one": (2, 3, 0), "r/two": (1, 4, 4)}


def test_after_a_restart_a_recovery_goes_on_in_the_order_in_which_it_began() -> None:
    """What is known meanwhile would have it otherwise; and what was interrupted gets no credit."""
    slow = run("two", within=90.0)
    program = said(rules(run("one"), slow))
    found = taught(run("one"), slow)
    found.begins(who="q")
    found.at(found.now + 3)  # `two` is tried on q
    found.goes["/bin/two"] = Goes(0.1, "failed")
    for _ in range(5):
        found.begins("one")
        found.lasts(8)
    assert found.known() == {"r/one": (1, 8, 5), "r/two": (2, 4, 3)}
    new = found.next_life(program)
    assert new.known() == found.known()
    item(new, "q", x=9.0)
    new.lasts(200)
    assert [row["step"] for row in new.table("attempt", subject="q")] == ["two", "two", "one"]
    assert new.orders()[-1] == "order: two, one, as it began before volexd ended"
    assert new.falls_ill("one") == ["one"]


def test_an_order_that_does_not_fit_the_steps_any_more_is_chosen_anew() -> None:
    found = taught(run("one"), run("two"))
    found.begins()
    found.at(found.now + 3)
    new = found.next_life(said(rules(run("one"), run("two"), run("three"))))
    item(new, x=9.0)
    new.lasts()
    assert "learned from the last 3 faults" in new.orders()[-1]


# --- whatever happens ----------------------------------------------------------------------------------------------------------------

KINDS = {"n": note, "p": post, "e": run}
faults = st.lists(st.tuples(st.integers(-1, 4), st.sampled_from("pq")), max_size=10)


@settings(deadline=None, max_examples=25)
@given(st.text("npe", min_size=1, max_size=5), faults, st.integers(1, 4), st.integers(30, 400))
def test_any_order_is_one_that_the_rule_allows(
    kinds: str, told: list[tuple[int, str]], count: int, per: int
) -> None:
    steps = {f"{kind}{place}": kind for place, kind in enumerate(kinds)}
    text = rules(
        *(KINDS[kind](name) for name, kind in steps.items()), limit=f"limit {count} per {per}s by item"
    )
    found = Swarm(said(text))
    for cure, who in told:
        found.falls_ill(*[name for name in steps if name.endswith(str(cure))], who=who)
    _holds(found, list(steps), steps)
    for who in "pq":
        began = [row["started_at"] for row in found.table("attempt", subject=who)]
        assert all(later - first >= per for first, later in zip(began, began[count:], strict=False))
    assert _again(found) == [repr(effect) for effect in found.effects]


def _holds(found: Swarm, written: list[str], steps: dict[str, str]) -> None:
    runs = found.table("recovery")
    for number, row in enumerate(runs):
        tried = [one["step"] for one in found.table("attempt", recovery_id=row["id"])]
        if not tried:
            continue
        order = _names(row["step_order"])
        assert sorted(order) == sorted(written), "a permutation of what is written"
        assert [steps[name] for name in order] == [steps[name] for name in written], "within a class"
        assert tried == order[: len(tried)], "followed to its end"
        assert number >= 3 or order == written, "as written at first"
    for one, other in pairwise(found.table("attempt")):
        assert one["started_at"] <= other["started_at"]


def _names(text: str) -> list[str]:
    return text.strip('[]"').split('","')


def _again(found: Swarm) -> list[str]:
    """What a new engine makes of the same events."""

    def effects() -> Iterator[str]:
        engine = Engine()
        for event in found.events:
            yield from (repr(effect) for effect in engine.step(event))
        engine.close()

    assert any(isinstance(event, Reported) for event in found.events) or not found.table("fault")
    return list(effects())
