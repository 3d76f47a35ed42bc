"""Settings for every test: machines are noisy, so no test has a deadline for its speed."""

from hypothesis import settings

settings.register_profile("zprl", deadline=None)
settings.load_profile("zprl")
