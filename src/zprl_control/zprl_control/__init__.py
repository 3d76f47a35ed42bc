"""Safe arm control: session, command follower, reset and the arm node."""
