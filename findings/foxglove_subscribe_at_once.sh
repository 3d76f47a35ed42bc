#!/usr/bin/env bash
# foxglove-sdk 0.30.3
#
# One would guess: a viewer that subscribes to a channel as soon as the server advertises it gets its messages.
# What happens:    the server tells viewers of a channel before it has noted that it told them. The subscription of a
#                  viewer on the same machine can come in between: the server answers with a status, "Unknown channel
#                  ID", calls no on_subscribe, and never sends a message of the channel, which stays advertised. Beside
#                  other programs on all cores, as here, about one channel in a hundred is lost.
# Way around:      a viewer that gets this status subscribes again. A bridge that forwards only what its on_subscribe
#                  has named cannot know that a viewer asked.
#
# Exits with 0 while this is so, with 1 when it has changed. Uses a temporary folder and removes it.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "foxglove-sdk==0.30.3" "websockets==15.0.1"
cat > "$folder/server.py" <<'PYTHON'
import sys
import time

import foxglove
from foxglove import Channel


class Listener(foxglove.websocket.ServerListener):
    def __init__(self):
        self.asked = set()

    def on_subscribe(self, client, channel):
        self.asked.add(channel.topic)


listener = Listener()
server = foxglove.start_server(name="bridge", port=0, server_listener=listener, message_backlog_size=1024)
print(server.port, flush=True)
sys.stdin.readline()  # the viewer is connected
channels = []
for k in range(1500):
    channels.append(Channel(f"/topic_{k}", message_encoding="json"))
    time.sleep(0.003)
time.sleep(1.0)
for channel in channels:
    channel.log(b"{}")
    time.sleep(0.001)
time.sleep(1.0)
print(len(channels) - len(listener.asked), flush=True)
server.stop()
PYTHON
cat > "$folder/viewer.py" <<'PYTHON'
import json
import os
import struct
import subprocess
import sys

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
server = subprocess.Popen([sys.executable, sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
viewer = connect(f"ws://127.0.0.1:{server.stdout.readline().strip()}", subprotocols=["foxglove.sdk.v1"])
viewer.recv(timeout=5)  # serverInfo
server.stdin.write("go\n")
server.stdin.flush()
offered, answered, heard = set(), set(), set()
try:
    while True:
        message = viewer.recv(timeout=10)
        if isinstance(message, bytes):
            heard.add(struct.unpack_from("<I", message, 1)[0])
            continue
        message = json.loads(message)
        for channel in message.get("channels", []):
            offered.add(channel["id"])
            asked = [{"id": channel["id"], "channelId": channel["id"]}]
            viewer.send(json.dumps({"op": "subscribe", "subscriptions": asked}))
        if message["op"] == "status":
            answered.add(message["message"].rpartition(":")[0])
except (ConnectionClosed, TimeoutError):
    pass
for each in others:
    each.kill()
unseen = int(server.stdout.readline())
print(f"{len(offered)} channels offered and asked for at once: {len(offered - heard)} without a message, {unseen} "
      f"without on_subscribe, status {sorted(answered)}")
sys.exit(0 if offered - heard and len(offered - heard) == unseen and answered == {"Unknown channel ID"} else 1)
PYTHON
echo "foxglove-sdk $("$folder/venv/bin/python" -c 'from importlib.metadata import version; print(version("foxglove-sdk"))')"
env -u PYTHONPATH "$folder/venv/bin/python" "$folder/viewer.py" "$folder/server.py" 2>/dev/null
