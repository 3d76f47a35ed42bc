#!/usr/bin/env bash
# ros-rclpy 9.1.2 (ROS 2 Kilted)
#
# One would guess: an exception that a lifecycle callback such as on_configure raises reaches whoever triggered the
#                  transition, or is at least logged with its text, as an exception in a timer or subscription is.
# What happens:    it is swallowed: trigger_configure returns the code ERROR, the node is unconfigured as if nothing had
#                  been tried, and neither stdout, stderr nor the log holds a word of the exception. on_error is not
#                  given it either. `ros2 lifecycle set` can only report that the transition failed.
# Way around:      wrap every lifecycle callback in one that catches, logs with the traceback, and returns FAILURE.
#
# Exits with 0 while this is so, with 1 when it has changed. Uses a temporary folder and removes it.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "ros-rclpy[fastrtps]==9.1.2"
cat > "$folder/node.py" <<'PYTHON'
import rclpy
from rclpy.lifecycle import LifecycleNode

rclpy.init()


class Camera(LifecycleNode):
    def on_configure(self, state):
        raise ValueError("the camera's cable is out")


node = Camera("camera")
code = node.trigger_configure()
print("RESULT", code.name, node._state_machine.current_state[1])
rclpy.shutdown()
PYTHON
said="$(env -u PYTHONPATH -u AMENT_PREFIX_PATH -u RMW_IMPLEMENTATION ROS_LOG_DIR="$folder/log" \
  "$folder/venv/bin/python" "$folder/node.py" 2>&1)"
logged="$(cat "$folder"/log/* 2>/dev/null || true)"
echo "ros-rclpy $("$folder/venv/bin/python" -c 'from importlib.metadata import version; print(version("ros-rclpy"))')"
echo "all that the program printed: $said"
case "$said$logged" in *cable*) echo "the text of the error was printed or logged"; exit 1 ;; esac
[ "$said" = "RESULT ERROR unconfigured" ]
