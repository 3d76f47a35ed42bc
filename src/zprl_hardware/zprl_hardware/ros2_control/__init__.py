"""The driver of any robot behind `ros2_control`: joint states in, commands to one of its usual controllers out.

`driver` is pure Python over `link.ControllerLink`, which `zprl_hardware.ros` implements with topics and actions.
"""
