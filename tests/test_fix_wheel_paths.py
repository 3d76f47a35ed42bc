"""The ROS 2 wheels' CMake files come to name this Python, and a second run changes nothing."""

import importlib.util

from source_files import ROOT

_spec = importlib.util.spec_from_file_location("fix_wheel_paths", ROOT / "scripts" / "fix_wheel_paths.py")
assert _spec is not None and _spec.loader is not None
fix_wheel_paths = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(fix_wheel_paths)

SHIPPED = (
    'INTERFACE_INCLUDE_DIRECTORIES "/opt/python/cp311-cp311/include/python3.11;'
    '/opt/python/cp311-cp311/lib/python3.11/site-packages/numpy/_core/include"'
)
FIXED = 'INTERFACE_INCLUDE_DIRECTORIES "/usr/include/python3.11;/venv/numpy/_core/include"'


def test_rewrites_both_directories() -> None:
    assert fix_wheel_paths.rewrite(SHIPPED, "/usr/include/python3.11", "/venv/numpy/_core/include") == FIXED


def test_a_second_run_changes_nothing() -> None:
    assert fix_wheel_paths.rewrite(FIXED, "/usr/include/python3.11", "/venv/numpy/_core/include") == FIXED
