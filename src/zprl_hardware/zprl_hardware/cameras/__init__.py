"""RealSense and V4L2 cameras."""
