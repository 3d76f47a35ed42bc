#!/usr/bin/env bash
# Create .venv and install the pinned packages of the given requirement files.
# Reads PYTHON (default python3) and PIP_ARGS.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/common.sh

if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    PYTHON=$(find_python)
    say "creating .venv with $("$PYTHON" --version)"
    "$PYTHON" -m venv .venv
fi
unset PYTHONPATH AMENT_PREFIX_PATH CMAKE_PREFIX_PATH COLCON_PREFIX_PATH
source .venv/bin/activate
say "installing the pinned packages (some minutes, up to a few GB)"
# shellcheck disable=SC2086  # PIP_ARGS is a list of words
python -m pip install --disable-pip-version-check --quiet --progress-bar off ${PIP_ARGS:-} \
    --constraint constraints.txt "${@/#/--requirement=}" \
    || fail "pip could not install the pinned packages; fix the problem that it reports above, then run the same command again"
python scripts/fix_wheel_paths.py
