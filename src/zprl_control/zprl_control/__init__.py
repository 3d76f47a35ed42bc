"""Drive an arm safely: session, command follower, reset, and the arm node."""
