#!/usr/bin/env bash
# Create .venv from constraints.txt. Does nothing when its inputs have not changed.
# Reads PYTHON (default python3) and PIP_ARGS.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/common.sh

stamp=.venv/.zprl-setup
requirements=(requirements.txt requirements-ros.txt requirements-dev.txt)
editable=(src/zprl_core src/zprl_control src/zprl_hardware src/zprl_teleop src/zprl_episodes src/zprl src/zprl_sim src/zprl_bringup src/zprl_cli)

inputs() {
    hash_files constraints.txt "${requirements[@]}" scripts/setup.sh scripts/fix_wheel_paths.py \
        "${editable[@]/%//setup.py}"
}

if [[ -f $stamp && $(<"$stamp") == "$PWD $(inputs)" ]]; then
    exit 0
fi

scripts/system_packages.sh
PYTHON=$(find_python)

# In a moved folder the scripts of .venv point to the old place.
clear=()
if [[ -f $stamp && $(<"$stamp") != "$PWD "* ]]; then
    say "this folder has moved: recreating .venv"
    clear=(--clear)
fi
if [[ ${#clear[@]} -gt 0 ]] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    say "creating .venv with $("$PYTHON" --version)"
    "$PYTHON" -m venv "${clear[@]}" .venv
fi
rm -f "$stamp"

unset PYTHONPATH AMENT_PREFIX_PATH CMAKE_PREFIX_PATH COLCON_PREFIX_PATH
source .venv/bin/activate
say "installing the pinned packages (some minutes, up to a few GB)"
# shellcheck disable=SC2086  # PIP_ARGS is a list of words
python -m pip install --disable-pip-version-check --quiet --progress-bar off ${PIP_ARGS:-} \
    --constraint constraints.txt "${requirements[@]/#/--requirement=}" \
    || fail "pip could not install the pinned packages; fix the problem that it reports above, then run the same command again"
python scripts/fix_wheel_paths.py
python -m pip install --disable-pip-version-check --quiet --use-pep517 --no-build-isolation --no-deps \
    "${editable[@]/#/--editable=./}"

printf '%s %s\n' "$PWD" "$(inputs)" >"$stamp"
say "the environment is ready"
