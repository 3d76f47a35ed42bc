#!/usr/bin/env bash
# ros-rclpy 9.1.2 (ROS 2 Kilted), PyYAML 6.0.3
#
# One would guess: a camera's serial number that is given to a ROS parameter without quotes, -p serial_no:=0..., is a
#                  text, or at least always the same type, and the file tools around it (PyYAML) read it alike.
# What happens:    it depends on its digits. Only digits from 0 to 7 after the zero: an INTEGER, read in base 8, so that
#                  the number shown has nothing to do with the one on the camera. With an 8 or 9: a DOUBLE without the
#                  zero. PyYAML agrees on the first and reads the second as a text. They differ on 1e4 (DOUBLE, text)
#                  and on 1_000 (text, 1000) too, so a value that one tool accepts has another type in the other.
# Way around:      write the serial with inner quotes, -p "serial_no:='0...'", or with an underscore before it, as the
#                  RealSense node's own documentation does; refuse unquoted numbers with a leading zero.
#
# Exits with 0 while this is so, with 1 when it has changed. Uses a temporary folder and removes it.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "ros-rclpy[fastrtps]==9.1.2" pyyaml==6.0.3
env -u PYTHONPATH -u AMENT_PREFIX_PATH -u RMW_IMPLEMENTATION ROS_LOG_DIR="$folder/log" "$folder/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

import rclpy
import yaml

WRITTEN = {
    "octal": "012345670123", "with_8_or_9": "018522072789", "plain": "123456789012", "underscore": "_012345670123",
    "quoted": "'012345670123'", "exponent": "1e4", "grouped": "1_000",
}  # fmt: skip
EXPECTED = {
    "octal": ("INTEGER", 1402433619, 1402433619), "with_8_or_9": ("DOUBLE", 18522072789.0, "018522072789"),
    "plain": ("INTEGER", 123456789012, 123456789012), "underscore": ("STRING", "_012345670123", "_012345670123"),
    "quoted": ("STRING", "012345670123", "012345670123"), "exponent": ("DOUBLE", 10000.0, "1e4"),
    "grouped": ("STRING", "1_000", 1000),
}  # fmt: skip

arguments = [word for name, text in WRITTEN.items() for word in ("-p", f"{name}:={text}")]
rclpy.init(args=["camera", "--ros-args", *arguments])
node = rclpy.create_node("camera", automatically_declare_parameters_from_overrides=True)
print(f"ros-rclpy {version('ros-rclpy')}, PyYAML {version('pyyaml')}")
seen = {}
for name, text in WRITTEN.items():
    parameter = node.get_parameter(name)
    seen[name] = parameter.type_.name, parameter.value, yaml.safe_load(text)
    print(f"{text:>16}   ROS: {parameter.type_.name:8}{parameter.value!r:16}   PyYAML: {seen[name][2]!r}")
rclpy.shutdown()
sys.exit(0 if seen == EXPECTED else 1)
PYTHON
