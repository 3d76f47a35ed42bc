#!/usr/bin/env bash
# franky-control 2.0.0, franky-sim 1.0.4
#
# One would guess: franky.Robot(..., realtime_config=RealtimeConfig.Ignore), as the name and libfranka's documentation
#                  say, does without real-time scheduling, so the calling thread keeps its own.
# What happens:    Ignore only ignores a refusal. Where the process may (root, CAP_SYS_NICE or an rtprio limit), the
#                  constructor raises the thread that calls it to SCHED_FIFO with the highest priority, 99, and leaves
#                  it there, also after the robot is gone. A Python program then runs all that this thread does ahead of
#                  the kernel's own interrupt threads, and threads and processes that it starts inherit that.
# Way around:      construct the robot on a thread of its own, or set the thread back with os.sched_setscheduler.
#
# Needs a right to real-time priority to show it; without one it says so and exits with 2.
# Exits with 0 while this is so, with 1 when it has changed. Uses a temporary folder and removes it.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check franky-control==2.0.0 "franky-sim==1.0.4" mujoco==3.3.7
"$folder/venv/bin/python" - <<'PYTHON'
import os
import subprocess
import sys
import time
from importlib.metadata import version

import franky

print(f"franky-control {version('franky-control')}, franky-sim {version('franky-sim')}")
try:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
except PermissionError:
    print("this user may not have real-time priority; nothing to see")
    sys.exit(2)
names = {os.SCHED_OTHER: "SCHED_OTHER", os.SCHED_FIFO: "SCHED_FIFO"}
def mine():
    return names[os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK], os.sched_getparam(0).sched_priority
server = subprocess.Popen([sys.executable, "-m", "franky_sim.run_server", "-s", "mujoco", "--hostname", "127.77.1.1"], stdout=subprocess.DEVNULL)
try:
    print("before:", *mine())
    for _ in range(60):
        try:
            robot = franky.Robot("127.77.1.1", realtime_config=franky.RealtimeConfig.Ignore)
            break
        except franky.NetworkException:
            time.sleep(1)
    during = mine()
    del robot
    print("with RealtimeConfig.Ignore:", *during, "| after the robot is gone:", *mine())
    sys.exit(0 if during == mine() == ("SCHED_FIFO", 99) else 1)
finally:
    server.terminate()
    server.wait()
PYTHON
