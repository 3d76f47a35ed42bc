"""The tasks, one file each, and how a simulated scene is made of them."""
