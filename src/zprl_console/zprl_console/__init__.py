"""The web console: what a running graph does, and the operator's buttons, in a browser."""
