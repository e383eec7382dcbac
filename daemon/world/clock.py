"""What time it is for the engine: the wall clock, as long as that goes on; never back."""

from __future__ import annotations

import time
from collections.abc import Callable

from loguru import logger

_SLOWER = 0.9  # of a second that passes counts, until the wall clock has caught up
_NOTICED = 1.0  # seconds that the clock is set back by, and the log says so


class Clock:
    """Seconds since 1970. `wall` may be set by anybody; `steady` counts the seconds that pass.

    When the wall clock is set forward, time follows at once: a machine that slept looks the same. When it is set back, time goes on, a
    tenth slower, until both agree: a hold, a cooldown or a time limit that has begun takes at most a ninth longer, and does not begin anew.
    """

    def __init__(
        self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic
    ) -> None:
        self._wall = wall
        self._steady = steady
        self._now = wall()
        self._counted = steady()
        self._is_ahead = False

    def __call__(self) -> float:
        wall, counted = self._wall(), self._steady()
        least = self._now + _SLOWER * max(0.0, counted - self._counted)
        self._counted = counted
        if wall >= least and not self._is_ahead:  # nobody sets the clock, nearly always
            self._now = wall
        else:
            self._now = max(wall, least)
            self._say(self._now - wall)
        return self._now

    def _say(self, ahead: float) -> None:
        """Once when the clock was set back, and once when it has caught up."""
        if ahead > _NOTICED and not self._is_ahead:
            self._is_ahead = True
            logger.warning(
                "the clock of the machine was set back by {:.0f} s: volexd goes on from its own time, a tenth slower, until both agree "
                "(a restart takes over the time of the machine at once)",
                ahead,
            )
        elif self._is_ahead and ahead <= 0.0:
            self._is_ahead = False
            logger.info("the clock of the machine has caught up with volexd")
