#!/usr/bin/env python3
"""Rewrites the CMake exports of the ROS 2 wheels for this Python.

The wheels contain the include directories of the machine that built them (/opt/python/cp3xx-cp3xx/...), in
share/*/cmake/*__rosidl_generator_pyExport.cmake. Message packages compile against the wheels only after these are
replaced. A second run changes nothing.
"""

from __future__ import annotations

import re
import sys
import sysconfig
from pathlib import Path

PATTERN = "share/*/cmake/*__rosidl_generator_pyExport.cmake"
PYTHON_INCLUDE = re.compile(r"/opt/python/cp[^;\"\s]*/include/python3\.\d+t?(?=[;\"\s])")
NUMPY_INCLUDE = re.compile(r"/opt/python/cp[^;\"\s]*/site-packages/numpy/(?:_core|core)/include")


def rewrite(text: str, python_include: str, numpy_include: str) -> str:
    """Return text with the wheel builder's include directories replaced by ours."""
    text = NUMPY_INCLUDE.sub(lambda _: numpy_include, text)
    return PYTHON_INCLUDE.sub(lambda _: python_include, text)


def main() -> int:
    """Rewrite the export files of the running environment; return 1 if that fails."""
    import numpy

    python_include, numpy_include = sysconfig.get_path("include"), numpy.get_include()
    if not Path(python_include, "Python.h").is_file():
        print(f"fix_wheel_paths: no Python.h in {python_include}; install this Python's headers (python3-dev)")
        return 1
    files = sorted(Path(sys.prefix).glob(PATTERN))
    changed = 0
    for path in files:
        old = path.read_text()
        new = rewrite(old, python_include, numpy_include)
        if "/opt/python/cp" in new:
            print(f"fix_wheel_paths: unknown paths of the wheel builder in {path}; adapt this script")
            return 1
        if new != old:
            path.write_text(new)
            changed += 1
    print(f"fix_wheel_paths: {changed} of {len(files)} files rewritten")
    return 0


if __name__ == "__main__":
    sys.exit(main())
