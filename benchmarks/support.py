"""Import this first: it puts tests/support, which these programs share with the tests, on the path."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "support"))
