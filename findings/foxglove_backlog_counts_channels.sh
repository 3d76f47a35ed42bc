#!/usr/bin/env bash
# foxglove-sdk 0.30.3
#
# One would guess: message_backlog_size of start_server bounds how many messages wait for a slow viewer, as its
#                  description says ("the maximum number of messages"); new channels have nothing to do with it.
# What happens:    the same number bounds the queue of control messages. With a backlog of 8, the usual remedy against
#                  gigabytes of waiting images, a viewer that is connected is disconnected when 60 channels are added at
#                  once, as a bridge does that finds a ROS graph; with a backlog of 1024 it stays and gets all 60.
# Way around:      add a few channels at a time (8 every 50 ms), or choose a backlog of a hundred or so.
#
# Exits with 0 while this is so, with 1 when it has changed. Uses a temporary folder and removes it.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "foxglove-sdk==0.30.3" "websockets==15.0.1"
cat > "$folder/server.py" <<'PYTHON'
import json
import sys
import time

import foxglove
from foxglove import Channel
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

backlog, pause_s = int(sys.argv[1]), float(sys.argv[2])
server = foxglove.start_server(name="bridge", port=0, message_backlog_size=backlog)
viewer = connect(f"ws://127.0.0.1:{server.port}", subprotocols=["foxglove.sdk.v1"])
viewer.recv(timeout=5)  # serverInfo: it is connected
channels = []
for k in range(60):
    channels.append(Channel(f"/topic_{k}", message_encoding="json"))
    if pause_s and k % 8 == 7:
        time.sleep(pause_s)
seen, state = set(), "connected"
try:
    while len(seen) < 60:
        message = json.loads(viewer.recv(timeout=3))
        seen |= {each["topic"] for each in message.get("channels", [])}
except ConnectionClosed:
    state = "disconnected"
except TimeoutError:
    state = "silent"
print(f"RESULT backlog {backlog}, {pause_s} s between 8 channels: {state}, {len(seen)} of 60 channels", flush=True)
server.stop()
PYTHON
run() { env -u PYTHONPATH "$folder/venv/bin/python" "$folder/server.py" "$@" 2>/dev/null | grep RESULT; }
echo "foxglove-sdk $("$folder/venv/bin/python" -c 'from importlib.metadata import version; print(version("foxglove-sdk"))')"
small="$(run 8 0)"
slow="$(run 8 0.05)"
large="$(run 1024 0)"
printf '%s\n' "$small" "$slow" "$large"
case "$small" in *disconnected*) ;; *) exit 1 ;; esac
case "$slow" in *"connected, 60 of 60"*) ;; *) exit 1 ;; esac
case "$large" in *"connected, 60 of 60"*) ;; *) exit 1 ;; esac
