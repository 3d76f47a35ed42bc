"""ROS 2 parts of zprl_core: messages, parameters and managed nodes. Only `ros` packages import rclpy."""
