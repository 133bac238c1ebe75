"""Settings that hold for every test."""

import os

from hypothesis import HealthCheck, settings

# "ci": every run draws the same examples, so a red run is red for everybody and on every machine.
# "thorough": HYPOTHESIS_PROFILE=thorough make test, for looking for what the fixed examples miss.
# No deadline in either: a busy machine is no fault of the product.
settings.register_profile(
    "ci",
    derandomize=True,
    max_examples=100,
    deadline=None,
    print_blob=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("thorough", max_examples=2_000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
