"""What every test shares."""

from hypothesis import HealthCheck, settings

# Slow machines are no failure, and files in tmp_path may be written over by the next example.
settings.register_profile(
    "phototagger",
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("phototagger")
