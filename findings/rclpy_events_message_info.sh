#!/usr/bin/env bash
# ros-rclpy 9.1.2 (ROS 2 Kilted), rmw_fastrtps_cpp
#
# One would guess: a subscription's callback with a second parameter receives the message's times (MessageInfo), whichever
#                  executor runs it, as rclpy finds out from the callback's signature.
# What happens:    so it does with SingleThreadedExecutor. With rclpy.experimental.EventsExecutor the first message ends
#                  spin_once with SystemError "null argument to internal routine", and the callback is never called; the same
#                  callback with one parameter works. Nothing in the error names callback, topic or executor.
# Way around:      a node that needs the times of reception and publication, as a recorder does, runs on
#                  SingleThreadedExecutor.
#
# Exits with 0 while this is so, with 1 when it has changed. Uses a temporary folder and removes it.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "ros-rclpy[fastrtps]==9.1.2" "ros-std-msgs==5.5.1"
cat > "$folder/node.py" <<'PYTHON'
import sys

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.experimental import EventsExecutor
from std_msgs.msg import String

EXECUTORS = {"events": EventsExecutor, "single": SingleThreadedExecutor}
times = []
plain = []
rclpy.init()
node = rclpy.create_node("recorder")
if sys.argv[2] == "info":
    node.create_subscription(String, "state", lambda message, info: times.append(sorted(info)), 10)
else:
    node.create_subscription(String, "state", plain.append, 10)
publisher = node.create_publisher(String, "state", 10)
executor = EXECUTORS[sys.argv[1]]()
executor.add_node(node)
raised = ""
for _ in range(50):
    publisher.publish(String(data="moving"))
    try:
        executor.spin_once(timeout_sec=0.1)
    except SystemError as error:
        raised = f"{type(error).__name__}: {error}"
        break
    if times or plain:
        break
got = "source_timestamp" in times[0] if times else bool(plain)
print("RESULT", *sys.argv[1:], got, raised)
rclpy.shutdown()
PYTHON
run() {
  env -u PYTHONPATH -u AMENT_PREFIX_PATH -u RMW_IMPLEMENTATION ROS_LOG_DIR="$folder/log" ROS_DOMAIN_ID=97 \
    ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST "$folder/venv/bin/python" "$folder/node.py" "$@" 2>/dev/null | grep RESULT
}
echo "ros-rclpy $("$folder/venv/bin/python" -c 'from importlib.metadata import version; print(version("ros-rclpy"))')"
single="$(run single info)"
plain="$(run events plain)"
events="$(run events info)"
printf '%s\n' "$single" "$plain" "$events"
[ "${single% }" = "RESULT single info True" ]
[ "${plain% }" = "RESULT events plain True" ]
[ "$events" = "RESULT events info False SystemError: null argument to internal routine" ]
