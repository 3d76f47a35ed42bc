#!/usr/bin/env bash
# Start finetuning with ros2 launch, wait until the graph is well and ends an episode, and stop it as Ctrl-C does.
#
#     launched_graph.sh BASE [CHECK...]      # CHECK: a command that must succeed while the graph runs
set -euo pipefail
base=$1
shift

setsid env --default-signal=INT ros2 launch zprl_bringup finetune.launch.py base:="$base" &
launch=$!
trap 'kill -INT -- "-$launch" 2>/dev/null; wait "$launch" || true' EXIT

for _ in {1..30}; do
    zprl health && break
    sleep 5
done
zprl health
(($# == 0)) || "$@"
# Without the daemon, which another shell may have started with other settings.
ROS_SECURITY_ENCLAVE_OVERRIDE=/operator timeout 120 \
    ros2 topic echo --once --no-daemon --spin-time 10 /episode/event zprl_msgs/msg/EpisodeEvent
