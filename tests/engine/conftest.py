"""Settings of hypothesis here: the same examples in every run, no clock. To search further: --hypothesis-profile=search."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "engine", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "search", parent=settings.get_profile("engine"), derandomize=False, max_examples=3000, print_blob=True
)
settings.load_profile("engine")
