"""Between the method and ROS 2: messages, parameters, managed nodes. The only part of zprl that imports rclpy."""
