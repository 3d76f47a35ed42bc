#!/usr/bin/env bash
# Create .venv from constraints.txt, with zprl in it. Does nothing when its inputs have not changed.
# Reads PYTHON (default python3), PIP_ARGS, and WITHOUT_DEV: if set, what only tests need is left out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/common.sh

stamp=.venv/.zprl-setup
requirements=(requirements.txt requirements-ros.txt)
[[ -n ${WITHOUT_DEV:-} ]] || requirements+=(requirements-dev.txt)
editable=(src/zprl_core src/zprl_control src/zprl_hardware src/zprl_teleop src/zprl_episodes src/zprl src/zprl_sim src/zprl_bringup src/zprl_view src/zprl_console src/zprl_cli)

inputs() {
    hash_files constraints.txt "${requirements[@]}" scripts/setup.sh scripts/install_packages.sh \
        scripts/fix_wheel_paths.py "${editable[@]/%//setup.py}"
}

if [[ -f $stamp && $(<"$stamp") == "$PWD $(inputs)" ]]; then
    exit 0
fi

scripts/system_packages.sh
PYTHON=$(find_python)
export PYTHON

# In a moved folder the scripts of .venv point to the old place.
if [[ -f $stamp && $(<"$stamp") != "$PWD "* ]]; then
    say "this folder has moved: recreating .venv"
    "$PYTHON" -m venv --clear .venv
fi
rm -f "$stamp"

scripts/install_packages.sh "${requirements[@]}"
unset PYTHONPATH AMENT_PREFIX_PATH CMAKE_PREFIX_PATH COLCON_PREFIX_PATH
source .venv/bin/activate
python -m pip install --disable-pip-version-check --quiet --use-pep517 --no-build-isolation --no-deps \
    "${editable[@]/#/--editable=./}"

printf '%s %s\n' "$PWD" "$(inputs)" >"$stamp"
say "the environment is ready"
