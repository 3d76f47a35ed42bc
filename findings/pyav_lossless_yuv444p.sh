#!/usr/bin/env bash
# PyAV (av) 18.1.0
#
# One would guess: camera images recorded with a lossless codec and without chroma subsampling (FFV1, or H.264 with qp 0,
#                  in yuv444p) are decoded to the pixels that were recorded.
# What happens:    no. Two of five values differ, by up to 2: VideoFrame.from_ndarray(..., "rgb24") is converted to YUV of
#                  limited range (16 to 235), which has fewer levels than RGB, before the lossless codec sees it.
# Also unexpected: FFV1 refuses the pixel format gbrp, 8-bit planar RGB; it stores RGB of 8 bits as bgr0.
# Way around:      ffv1 with bgr0, or libx264rgb with qp 0: both are exact.
#
# Exits with 0 while this is so, with 1 when it has changed. Uses a temporary folder and removes it.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check av==18.1.0 numpy==2.4.6
cat >"$folder/encode.py" <<'PYTHON'
import sys
from pathlib import Path

import av
import numpy as np

folder = Path(sys.argv[1])
print("av", av.__version__)
images = np.random.default_rng(0).integers(0, 256, (8, 64, 64, 3), np.uint8)


def recorded(codec: str, pixels: str, options: dict[str, str]) -> np.ndarray:
    """The images after encoding and decoding."""
    path = folder / f"{codec}-{pixels}.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=20, options=options)
        stream.width, stream.height, stream.pix_fmt = 64, 64, pixels
        for image in images:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode(None))
    with av.open(str(path)) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


for codec, pixels, options in (
    ("ffv1", "yuv444p", {}),
    ("libx264", "yuv444p", {"qp": "0"}),
    ("ffv1", "bgr0", {}),
    ("libx264rgb", "rgb24", {"qp": "0"}),
    ("ffv1", "gbrp", {}),
):
    try:
        difference = np.abs(recorded(codec, pixels, options).astype(int) - images)
        print(f"{codec} {pixels}: {100 * (difference > 0).mean():.0f} % of the values changed, by up to {difference.max()}")
    except Exception as error:
        print(f"{codec} {pixels}: {type(error).__name__}")
PYTHON
found="$("$folder/venv/bin/python" "$folder/encode.py" "$folder" 2>/dev/null)"
echo "$found"
inexact='[1-9][0-9]* % of the values changed'
grep -Eq "^ffv1 yuv444p: $inexact" <<<"$found"
grep -Eq "^libx264 yuv444p: $inexact" <<<"$found"
grep -q "^ffv1 bgr0: 0 %" <<<"$found"
grep -q "^libx264rgb rgb24: 0 %" <<<"$found"
grep -Eq "^ffv1 gbrp: [A-Za-z]*Error" <<<"$found"
