"""Shows graphs and bags in the viewers Foxglove and Rerun."""
