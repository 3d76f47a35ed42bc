"""Guards between every command source and the arm: pure functions and one command arbiter."""
