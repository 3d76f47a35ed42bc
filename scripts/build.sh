#!/usr/bin/env bash
# Build the workspace with colcon against the ROS 2 wheels in .venv. Does nothing when its inputs have not changed.
# Python modules, launch files and parameters are linked, so changes to them need no build.
# ros2_ws/compat has packages that ROS 2 from apt has and the wheels lack; only this script builds it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/common.sh

stamp=ros2_ws/install/.zprl-build

inputs() {
    local files
    mapfile -t files < <(
        find src ros2_ws/compat -path '*/test' -prune -o -type f \( -path '*/msg/*.msg' -o -path '*/srv/*.srv' -o -path '*/action/*.action' -o -name package.xml \
            -o -name setup.py -o -name setup.cfg -o -name CMakeLists.txt \) -print | sort
    )
    { hash_files "${files[@]}" ros2_ws/colcon_defaults.yaml scripts/build.sh .venv/.zprl-setup
      # linked files: only their names matter
      find src/*/launch src/*/config -type f 2>/dev/null | sort; } | sha256sum | cut -d ' ' -f 1
}

wanted="$PWD $(inputs)" # before the build, so that an input that changes meanwhile is built next time
if [[ -f $stamp && $(<"$stamp") == "$wanted" ]]; then
    exit 0
fi
if [[ -f $stamp && $(<"$stamp") != "$PWD "* ]]; then
    rm -rf ros2_ws/build ros2_ws/install # built in another folder
fi
rm -f "$stamp"

unset PYTHONPATH COLCON_PREFIX_PATH
source .venv/bin/activate
export CMAKE_PREFIX_PATH=$VIRTUAL_ENV AMENT_PREFIX_PATH=$VIRTUAL_ENV
# colcon's own default stops make from starting jobs while other users load the machine: minutes become half an hour
export MAKEFLAGS=${MAKEFLAGS:--j$(nproc)}
say "building the ROS 2 workspace (about half a minute)"
(cd ros2_ws && colcon --log-level error build --base-paths ../src compat \
    --event-handlers console_start_end- desktop_notification-) \
    || fail "colcon build failed: see ros2_ws/log/latest_build"

printf '%s\n' "$wanted" >"$stamp"
