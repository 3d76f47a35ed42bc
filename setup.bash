# Source this file in bash after `make build`: it activates the virtual environment, the workspace and zprl's defaults.
#
#     source setup.bash
#
# ROS_DOMAIN_ID is not changed. On a machine with ROS 2 from apt, source ros2_ws/install/setup.bash instead.

_zprl_root="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

_zprl_source() {
    if [[ ":${AMENT_PREFIX_PATH:-}:" == *:/opt/ros/* ]]; then
        echo "zprl: ROS 2 from /opt/ros is sourced in this shell; source ros2_ws/install/setup.bash, or open a new shell" >&2
        return 1
    fi
    if [[ ! -f $_zprl_root/.venv/bin/activate || ! -f $_zprl_root/ros2_ws/install/setup.bash ]]; then
        echo "zprl: the workspace is not built; run make build in $_zprl_root" >&2
        return 1
    fi
    # Neither of the two scripts supports set -u.
    local nounset=0
    [[ $- == *u* ]] && nounset=1 && set +u
    source "$_zprl_root/.venv/bin/activate"
    export CMAKE_PREFIX_PATH="$VIRTUAL_ENV" AMENT_PREFIX_PATH="$VIRTUAL_ENV"
    source "$_zprl_root/ros2_ws/install/setup.bash"
    [[ $nounset == 1 ]] && set -u
    export ROS_AUTOMATIC_DISCOVERY_RANGE="${ROS_AUTOMATIC_DISCOVERY_RANGE:-LOCALHOST}"
    export ROS_DISTRO="${ROS_DISTRO:-kilted}" # of the wheels; ros2 doctor asks for it
    export MUJOCO_GL="${MUJOCO_GL:-egl}"
    # If a shell inherited this variable from a zprl process, the wheels would not find their libraries.
    unset _ROS_WHEELS_BOOTSTRAP_COMPLETE
}

_zprl_source
_zprl_status=$?
unset -f _zprl_source
unset _zprl_root
(return "$_zprl_status")
