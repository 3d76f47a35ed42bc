"""The tasks, one file each, and the building blocks of their scenes."""
