#!/usr/bin/env bash
# ros-rclpy 9.1.2 (ROS 2 Kilted), rmw_fastrtps_cpp
#
# One would guess: rclpy.experimental.EventsExecutor.spin() sleeps until a message comes, as SingleThreadedExecutor does
#                  and as spin_once of the same executor does.
# What happens:    spin() of an idle node uses a whole core, in the main thread as in another one. Messages are handled,
#                  so nothing but the load of the processor shows it. spin_once(timeout_sec=0.1) in a loop uses 0.01 s
#                  in 3 s.
# Way around:      while rclpy.ok(): executor.spin_once(timeout_sec=0.1)
#
# Exits with 0 while this is so, with 1 when it has changed. Uses a temporary folder and removes it.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "ros-rclpy[fastrtps]==9.1.2" "ros-std-msgs==5.5.1"
cat > "$folder/node.py" <<'PYTHON'
import os
import sys
import threading
import time

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.experimental import EventsExecutor
from std_msgs.msg import String

EXECUTORS = {"events": EventsExecutor, "single": SingleThreadedExecutor}
rclpy.init()
node = rclpy.create_node("idle")
node.create_subscription(String, "state", print, 10)
executor = EXECUTORS[sys.argv[1]]()
executor.add_node(node)


def report():
    used_s = time.process_time() - before_s
    state = "busy" if used_s > 0.3 else "idle"
    print("RESULT", *sys.argv[1:], state, f"{used_s:.2f} s of processor in 3 s", flush=True)
    os._exit(0)


before_s = time.process_time()
threading.Timer(3.0, report).start()
if sys.argv[2] == "spin":
    executor.spin()
while True:
    executor.spin_once(timeout_sec=0.1)
PYTHON
run() {
  env -u PYTHONPATH -u AMENT_PREFIX_PATH -u RMW_IMPLEMENTATION ROS_LOG_DIR="$folder/log" ROS_DOMAIN_ID=97 \
    ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST "$folder/venv/bin/python" "$folder/node.py" "$@" 2>/dev/null | grep RESULT
}
echo "ros-rclpy $("$folder/venv/bin/python" -c 'from importlib.metadata import version; print(version("ros-rclpy"))')"
single="$(run single spin)"
once="$(run events once)"
events="$(run events spin)"
printf '%s\n' "$single" "$once" "$events"
case "$single" in "RESULT single spin idle"*) ;; *) exit 1 ;; esac
case "$once" in "RESULT events once idle"*) ;; *) exit 1 ;; esac
case "$events" in "RESULT events spin busy"*) ;; *) exit 1 ;; esac
