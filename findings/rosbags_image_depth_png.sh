#!/usr/bin/env bash
# rosbags-image 0.10.4, rosbags 0.11.9
#
# One would guess: message_to_cvimage returns the depth [mm] of a sensor_msgs/CompressedImage of format
#                  "16UC1; png compressed ", as image_transport publishes it, in the 16 bits that the PNG has.
# What happens:    no. It silently returns 8 bits: each value divided by 256, so 4.5 m become 17. It decodes every
#                  file with cv2.IMREAD_ANYCOLOR, which reduces 16 bits to 8.
# Also unexpected: depth of compressed_depth_image_transport ("16UC1; compressedDepth png") ends in an AssertionError
#                  without a text, as its 12 bytes before the PNG are not skipped.
# Way around:      cv2.imdecode(data, cv2.IMREAD_UNCHANGED) on the message's data, without the 12 bytes if there are any.
#
# Exits with 0 while this is so, with 1 when it has changed. Uses a temporary folder and removes it.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    rosbags==0.11.9 rosbags-image==0.10.4 opencv-python-headless==4.14.0.94 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

import cv2
import numpy as np
from rosbags.image import message_to_cvimage
from rosbags.typesys import Stores, get_typestore

print(f"rosbags-image {version('rosbags-image')}, rosbags {version('rosbags')}, OpenCV {cv2.__version__}")
types = get_typestore(Stores.ROS2_KILTED).types
header = types["std_msgs/msg/Header"](types["builtin_interfaces/msg/Time"](1, 0), "camera")
depth = np.linspace(500, 4500, 480 * 640).astype(np.uint16).reshape(480, 640)  # mm
png = cv2.imencode(".png", depth)[1]


def message(form: str, data: np.ndarray) -> object:
    return types["sensor_msgs/msg/CompressedImage"](header, form, data)


found = message_to_cvimage(message("16UC1; png compressed ", png))
whole = cv2.imdecode(png, cv2.IMREAD_UNCHANGED)
print(f"png: sent {depth.dtype} up to {depth.max()}, returned {found.dtype} up to {found.max()}")
print(f"cv2.IMREAD_UNCHANGED: {whole.dtype} up to {whole.max()}, equal: {np.array_equal(whole, depth)}")
try:
    message_to_cvimage(message("16UC1; compressedDepth png", np.concatenate([np.zeros(12, np.uint8), png])))
    refused = "nothing"
except Exception as error:
    refused = repr(error)
print(f"compressedDepth: {refused}")
as_before = found.dtype == np.uint8 and found.max() == 17 and np.array_equal(whole, depth)
sys.exit(0 if as_before and refused == "AssertionError()" else 1)
PYTHON
