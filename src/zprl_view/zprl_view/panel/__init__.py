"""The state and the buttons of an operator panel, for the web console and the rqt plugin. No ROS, no window."""
