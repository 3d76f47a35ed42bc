#!/usr/bin/env bash
# ros-rclpy 9.1.2 (ROS 2 Kilted) with rmw_fastrtps_cpp
#
# One would guess: with ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST the nodes of one machine find each other, however many
#                  there are: a domain has ports for 120 participants.
# What happens:    only the first 32 participants of a domain are looked for. A later one finds those and they find it,
#                  but two later ones never find each other, without a word: their services are not ready, and the
#                  topics between them stay silent, while `ros2 node list` may show both. With SUBNET all find each
#                  other. A ROS 2 process is one participant: a robot's graph beside MoveIt, rviz and recorders, or a
#                  test program that keeps old nodes alive, comes to 33.
# Way around:      a Fast DDS profile with transports of its own (useBuiltinTransports false) whose maxInitialPeersRange is
#                  larger, for every process; or fewer processes, or ROS_AUTOMATIC_DISCOVERY_RANGE=SUBNET.
#
# Exits with 0 while this is so, with 1 when it has changed. Uses a temporary folder and removes it.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "ros-rclpy[fastrtps]==9.1.2"
cat > "$folder/nodes.py" <<'PYTHON'
import time

from rclpy.context import Context
from rclpy.node import Node

NODES = 36
contexts = [Context() for _ in range(NODES)]
for context in contexts:
    context.init(domain_id=71)
nodes = [Node(f"node_{i}", context=context) for i, context in enumerate(contexts, 1)]
time.sleep(8.0)
for i in (1, 32, NODES):
    found = set(nodes[i - 1].get_node_names())
    print(f"node {i} of {NODES} misses", *[other.get_name() for other in nodes if other.get_name() not in found])
PYTHON
run() {
  env -u PYTHONPATH -u AMENT_PREFIX_PATH -u RMW_IMPLEMENTATION -u ROS_STATIC_PEERS ROS_LOG_DIR="$folder/log" \
    ROS_AUTOMATIC_DISCOVERY_RANGE="$1" "$folder/venv/bin/python" "$folder/nodes.py"
}
echo "ros-rclpy $("$folder/venv/bin/python" -c 'from importlib.metadata import version; print(version("ros-rclpy"))')"
said="$(run LOCALHOST)"
echo "$said"
[ "$said" = "node 1 of 36 misses
node 32 of 36 misses
node 36 of 36 misses node_33 node_34 node_35" ]
