#!/usr/bin/env bash
# Ray (ray) 2.60.0
#
# One would guess: a program that a Ray task starts with subprocess, such as a training that keeps a checkpoint when it
#                  is interrupted, ends by SIGINT (os.kill, Popen.send_signal) as it does when a shell or Python starts it.
# What happens:    it never gets the signal. ray.init blocks SIGINT in the raylet, so that Ctrl-C does not reach it;
#                  workers inherit the mask, and so does whatever they start, through fork and exec. Python's
#                  signal.signal and even SIG_DFL change the handler, not the mask, and Popen's restore_signals restores
#                  other signals only. SIGTERM arrives.
# Way around:      unblock it before the program starts, in the task (signal.pthread_sigmask) or in a small launcher.
#
# Exits with 0 while this is so, with 1 when it has changed. Uses a temporary folder and removes it.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ray==2.60.0
cat >"$folder/sigint.py" <<'PYTHON'
import os
import signal
import subprocess
import sys

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
import ray

TRAINING = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    print("ready", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    sys.exit(7)
"""


def interrupted(unblock: bool) -> str:
    """Start a training, send it SIGINT, and return how it ended."""
    if unblock:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    training = subprocess.Popen([sys.executable, "-c", TRAINING], stdout=subprocess.PIPE)
    training.stdout.readline()
    training.send_signal(signal.SIGINT)
    try:
        return f"code {training.wait(timeout=5)}"
    except subprocess.TimeoutExpired:
        training.terminate()
        return f"goes on, until SIGTERM: code {training.wait(timeout=5)}"


ray.init(address="local", num_cpus=1, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
print("RESULT without Ray:", interrupted(False))
print("RESULT in a task:", ray.get(ray.remote(interrupted).remote(False)))
print("RESULT in a task, unblocked:", ray.get(ray.remote(interrupted).remote(True)))
ray.shutdown()
PYTHON
found="$(env -u PYTHONPATH -u RAY_ADDRESS "$folder/venv/bin/python" "$folder/sigint.py" 2>/dev/null | grep RESULT)"
echo "$found"
grep -q "^RESULT without Ray: code 7$" <<<"$found"
grep -q "^RESULT in a task: goes on, until SIGTERM: code -15$" <<<"$found"
grep -q "^RESULT in a task, unblocked: code 7$" <<<"$found"
