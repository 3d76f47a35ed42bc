"""Adds tests/support, which benchmarks and tests share, to the path; import this module first."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "support"))
