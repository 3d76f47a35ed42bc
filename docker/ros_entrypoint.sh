#!/bin/bash
# Runs a command in zprl's workspace on ROS 2 from apt, as the container's first process.
set -eo pipefail
source "/opt/ros/$ROS_DISTRO/setup.bash"
source /opt/zprl/venv/bin/activate
source /opt/zprl/ros2_ws/install/setup.bash
exec "$@"
