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

hears() { timeout 30 ros2 topic echo --once --no-daemon --spin-time 10 /policy/status zprl_msgs/msg/PolicyStatus; }

# shellcheck disable=SC2317  # called by launched_graph.sh
check() {
    ROS_SECURITY_ENCLAVE_OVERRIDE=/operator hears || { echo "the operator hears nothing" >&2; return 1; }
    ! ROS_SECURITY_ENABLE=false hears || { echo "a program without keys has heard /policy/status" >&2; return 1; }
}
export -f hears check
"$here/launched_graph.sh" "$1" bash -c check
