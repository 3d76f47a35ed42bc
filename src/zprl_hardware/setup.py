"""Install zprl_hardware (ament_python)."""

from glob import glob

from setuptools import find_packages, setup

PACKAGE = "zprl_hardware"

setup(
    name=PACKAGE,
    version="0.1.0",
    packages=find_packages(exclude=["test", "test.*"]),
    package_data={PACKAGE: ["py.typed"]},
    data_files=[
        ("share/ament_index/resource_index/packages", ["resource/" + PACKAGE]),
        ("share/" + PACKAGE, ["package.xml"]),
        ("share/" + PACKAGE + "/config/ros2_control", glob("config/ros2_control/*.yaml")),
    ],
    install_requires=[
        "setuptools",
        "zprl_control",
        "zprl_core",
        "franky-control",
        "numpy",
        "opencv-python-headless",
        "pyrealsense2",
        "pyyaml",
        "tyro",
    ],
    zip_safe=False,
    maintainer="zprl maintainers",
    maintainer_email="maintainers@example.org",
    description="Drivers: Franka arm, arms with ros2_control, RealSense and V4L2 cameras, camera calibration.",
    license="Apache-2.0",
    entry_points={
        "console_scripts": [
            "franka_arm_node = zprl_hardware.ros.franka_arm_node:main",
            "ros2_control_arm_node = zprl_hardware.ros.ros2_control_arm_node:main",
            "camera_node = zprl_hardware.ros.camera_node:main",
            "pose_recorder_node = zprl_hardware.ros.pose_recorder_node:main",
        ]
    },
)
