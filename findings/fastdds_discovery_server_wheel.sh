#!/usr/bin/env bash
# ros-fastdds 3.2.3 (Fast DDS 3.2.3 as a wheel for ROS 2 Kilted)
#
# One would guess: the wheel brings the discovery server: `fastdds discovery -l ADDRESS -p PORT` starts it, as ROS 2's
#                  documentation says, or its program does with the same flags, as in earlier versions.
# What happens:    `fastdds discovery` ends with the advice to install psutil, which the wheel does not declare. Its
#                  program fast-discovery-server does not find its libraries, which lie in the environment's lib and in
#                  ros_fastdds.libs; and since Fast DDS 3.2 it takes the number of a command before the flags (42:
#                  server), which only the Python tool knows, and calls the flags an "Invalid command index".
# Way around:      LD_LIBRARY_PATH with both folders, and `fast-discovery-server 42 -l ADDRESS -p PORT`.
#
# Exits with 0 while this is so, with 1 when it has changed. Uses a temporary folder and removes it.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
venv=$folder/venv
python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check ros-fastdds==3.2.3
"$venv/bin/python" -c 'from importlib.metadata import version; print("ros-fastdds", version("ros-fastdds"))'
export PATH=$venv/bin:$PATH

try() { timeout 5 "$@" >"$folder/said" 2>&1 || true; head -n 1 "$folder/said"; }

documented=$(bash "$venv/bin/fastdds" discovery -l 127.0.0.1 -p 11899 2>&1 | tail -n 1 || true)
echo "fastdds discovery: $documented"
program=$(try fast-discovery-server 42 -l 127.0.0.1 -p 11899)
echo "fast-discovery-server: $program"
export LD_LIBRARY_PATH
LD_LIBRARY_PATH=$venv/lib:$(echo "$venv"/lib/python3.*/site-packages/ros_fastdds.libs)
flags=$(try fast-discovery-server -l 127.0.0.1 -p 11899)
echo "with its libraries: $flags"
command=$(try fast-discovery-server 42 -l 127.0.0.1 -p 11899)
echo "with a command's number: $command"

[[ $documented == *psutil* && $program == *"shared libraries"* && $flags == "Invalid command index"* && $command == *"Server started"* ]]
