"""Settings for every test. Machines are noisy, so no test has a deadline, and torch keeps to one thread:
threads that contend for two cores are eight times slower."""

import gc
import os
import signal

# Programs that tests start must not inherit an ignored SIGINT, which a script gives to what it runs in the background.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

os.environ.setdefault("OMP_NUM_THREADS", "1")
# rclpy sends a value of another type as another number; with this variable it raises (nodes started by tests too).
os.environ.setdefault("ROS_PYTHON_CHECK_FIELDS", "1")

import torch
from hypothesis import settings

torch.set_num_threads(1)
settings.register_profile("zprl", deadline=None, max_examples=40)
settings.load_profile("zprl")


def pytest_collection_finish() -> None:
    """Spare what is imported by now from garbage collection: with torch each full one takes 0.25 s, and tests
    of nodes ask for many.
    """
    gc.collect()
    gc.freeze()
