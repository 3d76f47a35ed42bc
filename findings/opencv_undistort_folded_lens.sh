#!/usr/bin/env bash
# OpenCV (opencv-python-headless) 4.14.0.94
#
# One would guess: cv2.undistortPoints inverts the lens that cv2.projectPoints applies, or tells where that is impossible,
#                  at least in the version with a criterion of when to stop (undistortPointsIter).
# What happens:    with a wide lens whose fitted polynomial folds inside the image (k1 = -0.4 at a focal length of 300 px
#                  and 640x480, as from a calibration with the board in the middle only), points near the corners come
#                  back as finite numbers that project 146 pixels away from where they were. No exception, no NaN,
#                  no status, also after 1000 iterations. With k1 = -0.1 they come back.
# Way around:      project the result again, and refuse a lens whose points do not return.
#
# Exits with 0 while this is so, with 1 when it has changed. Uses a temporary folder and removes it.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check opencv-python-headless==4.14.0.94 numpy==2.4.6
cat >"$folder/fold.py" <<'PYTHON'
import cv2
import numpy as np

print("opencv", cv2.__version__)
k = np.array([[300.0, 0.0, 319.5], [0.0, 300.0, 239.5], [0.0, 0.0, 1.0]])
corner = np.array([[[63.5, 47.5]]])  # a tenth of the image away from the corner
until = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 1000, 1e-12)
for k1 in (-0.1, -0.4):
    lens = np.array([k1, 0.0, 0.0, 0.0])
    for name, points in (
        ("undistortPoints", cv2.undistortPoints(corner, k, lens)),
        ("undistortPointsIter", cv2.undistortPointsIter(corner, k, lens, np.eye(3), np.eye(3), until)),
    ):
        rays = np.append(points.reshape(2), 1.0).reshape(1, 3)
        again, _ = cv2.projectPoints(rays, np.zeros(3), np.zeros(3), k, lens)
        off = float(np.linalg.norm(again.reshape(2) - corner.reshape(2)))
        kind = "returns" if off < 1.0 else "FAR" if off > 10.0 else "near"
        print(f"k1 {k1} {name}: finite {bool(np.isfinite(points).all())}, {kind} ({off:.3f} px)")
PYTHON
found="$("$folder/venv/bin/python" "$folder/fold.py" 2>/dev/null)"
echo "$found"
grep -q "^k1 -0.1 undistortPointsIter: finite True, returns" <<<"$found"
grep -q "^k1 -0.4 undistortPoints: finite True, FAR" <<<"$found"
grep -q "^k1 -0.4 undistortPointsIter: finite True, FAR" <<<"$found"
