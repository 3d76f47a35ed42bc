#!/usr/bin/env bash
# PyAV (av) 18.1.0, with its FFmpeg's H.264 decoder
#
# One would guess: when a packet of an H.264 video is missing, as in a bag of video messages (foxglove_msgs/CompressedVideo)
#                  of which best-effort transport lost one, decoding the next packet raises an error, or its frame is
#                  marked as corrupt, until a keyframe comes.
# What happens:    the packets after the gap decode without an error, is_corrupt is False, and the images are far from the
#                  right ones, until the next keyframe. err_detect=explode changes nothing. Only where the first keyframe
#                  itself is missing, each packet raises InvalidDataError.
# Way around:      follow frame_num in the slice headers.
#
# Exits with 0 while this is so, with 1 when it has changed. Uses a temporary folder and removes it.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check av==18.1.0 numpy==2.4.6
cat >"$folder/gap.py" <<'PYTHON'
import av
import numpy as np

print("av", av.__version__)
tiles = np.random.default_rng(0).integers(0, 255, (12, 60, 3), np.uint8).repeat(8, axis=0).repeat(8, axis=1)
images = [np.ascontiguousarray(tiles[:, 4 * k : 4 * k + 128]) for k in range(25)]
encoder = av.CodecContext.create("libx264", "w")
encoder.width, encoder.height, encoder.pix_fmt, encoder.framerate = 128, 96, "yuv420p", 30
encoder.options = {"tune": "zerolatency", "g": "20", "crf": "10"}
packets = []
for k, image in enumerate(images):
    frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuv420p")
    frame.pts = k
    packets += [bytes(packet) for packet in encoder.encode(frame)]


def decode(numbers: list[int], options: dict[str, str]) -> str:
    """For each packet: the error, or how far its image is from the right one and whether it counts as corrupt."""
    decoder = av.CodecContext.create("h264", "r")
    decoder.options, decoder.thread_count = options, 1
    found = []
    for k in numbers:
        try:
            (frame,) = decoder.decode(av.Packet(packets[k]))
        except av.error.FFmpegError as error:
            found.append(f"{k}: {type(error).__name__}")
            continue
        off = np.abs(frame.to_ndarray(format="rgb24").astype(float) - images[k]).mean()
        found.append(f"{k}: {'right' if off < 20 else 'WRONG' if off > 40 else 'near'}{', corrupt' * frame.is_corrupt}")
    return "; ".join(found)


gap = [2, 3, 6, 7, 19, 20, 21]
for name, options in (("default", {}), ("explode", {"err_detect": "explode"})):
    numbers = [k for k in range(25) if k not in (4, 5)]
    print(f"4 and 5 missing, {name}:", "; ".join(decode(numbers, options).split("; ")[k - 2 * (k > 5)] for k in gap))
print("0 missing:", "; ".join(decode(list(range(1, 25)), {}).split("; ")[k - 1] for k in (1, 19, 20)))
PYTHON
found="$("$folder/venv/bin/python" "$folder/gap.py" 2>/dev/null)"
echo "$found"
for options in default explode; do
    grep -q "^4 and 5 missing, $options: 2: right; 3: right; 6: WRONG; 7: WRONG; 19: WRONG; 20: right; 21: right$" <<<"$found"
done
grep -q "^0 missing: 1: InvalidDataError; 19: InvalidDataError; 20: right$" <<<"$found"
