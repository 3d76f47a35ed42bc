#!/bin/bash
# Runs a command in zprl's environment, as the container's first process: signals reach it, and it ends as on Ctrl-C.
set -eo pipefail
source /opt/zprl/setup.bash
exec "$@"
