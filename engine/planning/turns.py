"""Which of the things to do may begin now: clauses one after another, and within one so many at once, after those that are needed."""

from __future__ import annotations

import msgspec

from engine.planning.acting import Deed


class Turns(msgspec.Struct):
    """`running` are those under way, by the ids of their actions; `at_once` is how many of a clause that does not say it, None: all."""

    waiting: list[Deed]
    at_once: int | None = None
    running: dict[int, Deed] = {}

    def next(self) -> list[Deed]:
        """What begins now, no longer waiting; whoever asks begins it."""
        if not self.waiting:
            return []
        if len(self.waiting) == 1 and not self.running:
            return [self.waiting.pop()]
        clause = self.waiting[0].clause
        if any(deed.clause != clause for deed in self.running.values()):
            return []
        group = [deed for deed in self.waiting if deed.clause == clause]
        begun = self._free(group)[: self._room(group)]
        for deed in begun:
            self.waiting.remove(deed)
        return begun

    def _free(self, group: list[Deed]) -> list[Deed]:
        """Those that nothing comes before; in a circle of needs the first one."""
        if not any(deed.after for deed in group):
            return group
        before = {deed.target for deed in (*group, *self.running.values())}
        free = [deed for deed in group if not deed.after & before]
        return free if free or self.running else group[:1]

    def _room(self, group: list[Deed]) -> int:
        several = group[0].several if group else None
        most = self.at_once if several is None else several.at_once
        return len(group) if most is None else max(0, most - len(self.running))
