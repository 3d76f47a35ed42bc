#!/usr/bin/env bash
# The same with SROS2 enforced: keys by docs/how-to/security.md, and a program without keys that hears nothing.
#
#     secure_graph.sh BASE
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
keystore=$(mktemp -d)/keystore

ros2 security create_keystore "$keystore"
ros2 security generate_artifacts -k "$keystore" -p src/zprl_bringup/config/security_policy.xml
export ROS_SECURITY_KEYSTORE=$keystore ROS_SECURITY_ENABLE=true ROS_SECURITY_STRATEGY=Enforce
"$here/launched_graph.sh" "$1" &
graph=$!

sleep 60
if ROS_SECURITY_ENABLE=false timeout 20 ros2 topic echo --once --no-daemon /policy/status zprl_msgs/msg/PolicyStatus; then
    echo "a program without keys has heard /policy/status" >&2
    kill "$graph"
    exit 1
fi
wait "$graph"
