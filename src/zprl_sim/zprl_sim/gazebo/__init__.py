"""The scene of a task in Gazebo: what Gazebo shows of it, and its reset."""
