#!/usr/bin/env bash
# PyAV (av) 18.1.0
#
# One would guess: decoding a video with frame.to_ndarray(format="rgb24") rounds each pixel up or down alike, so that the
#                  mean of an image stays what it was; with frames of yuv420p, the usual format of H.264 and AV1 and of
#                  LeRobot's data sets, only the color is coarser.
# What happens:    images become darker, by 1.2 of 255 in the mean of random colors, in every channel. It is the way back:
#                  the luma of the encoded frame has the right mean. Frames of yuv444p keep theirs.
# Also unexpected: interpolation="ACCURATE_RND" makes it worse.
# Way around:      frame.reformat(format="yuv444p").to_ndarray(format="rgb24"): no bias.
#
# Exits with 0 while this is so, with 1 when it has changed. Uses a temporary folder and removes it.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check av==18.1.0 numpy==2.4.6
cat >"$folder/decode.py" <<'PYTHON'
import av
import numpy as np

print("av", av.__version__)
colors = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)
image = colors.repeat(16, axis=0).repeat(16, axis=1)  # patches of 16x16, so that coarser color changes nothing inside
red, green, blue = (image[:, :, channel].astype(float) for channel in range(3))
luma = 16 + (65.481 * red + 128.553 * green + 24.966 * blue) / 255


def bias(decoded: np.ndarray) -> str:
    """How much brighter the image became in the mean, of 255."""
    return f"{decoded.astype(float).mean() - image.mean():+.1f}"


for pixels in ("yuv420p", "yuv444p"):
    frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format=pixels)
    encoded = np.asarray(frame.planes[0]).reshape(256, -1)[:, :256] if pixels == "yuv444p" else frame.to_ndarray()[:256]
    print(f"{pixels} luma: {encoded.astype(float).mean() - luma.mean():+.1f}")
    print(f"{pixels} to rgb24: {bias(frame.to_ndarray(format='rgb24'))}")
    if pixels == "yuv420p":
        exact = frame.reformat(format="rgb24", interpolation="ACCURATE_RND")
        print(f"{pixels} to rgb24, ACCURATE_RND: {bias(exact.to_ndarray())}")
        print(f"{pixels} to yuv444p to rgb24: {bias(frame.reformat(format='yuv444p').to_ndarray(format='rgb24'))}")
PYTHON
found="$("$folder/venv/bin/python" "$folder/decode.py" 2>/dev/null)"
echo "$found"
grep -q "^yuv420p luma: [+-]0.0$" <<<"$found"
grep -Eq "^yuv420p to rgb24: -1\.[0-9]$" <<<"$found"
grep -Eq "^yuv420p to rgb24, ACCURATE_RND: -1\.[0-9]$" <<<"$found"
grep -q "^yuv420p to yuv444p to rgb24: [+-]0.0$" <<<"$found"
grep -q "^yuv444p to rgb24: [+-]0.0$" <<<"$found"
