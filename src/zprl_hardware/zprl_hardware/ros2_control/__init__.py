"""The driver of any robot behind `ros2_control`: reads joint states, and commands one of the usual controllers.

`driver` is pure Python over `link.ControllerLink`, which `zprl_hardware.ros` implements with topics and actions.
"""
