"""Settings of hypothesis here: the same examples in every run, no clock.

To search further, with other examples every time: HYPOTHESIS_PROFILE=search pytest tests/engine
"""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "engine",
    deadline=None,
    derandomize=True,
    max_examples=300,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "search",
    parent=settings.get_profile("engine"),
    derandomize=False,
    max_examples=4000,
    print_blob=True,
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "engine"))
