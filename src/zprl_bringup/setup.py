"""Install zprl_bringup (ament_python)."""

from glob import glob

from setuptools import find_packages, setup

PACKAGE = "zprl_bringup"

setup(
    name=PACKAGE,
    version="0.1.0",
    packages=find_packages(exclude=["test", "test.*"]),
    package_data={PACKAGE: ["py.typed"]},
    data_files=[
        ("share/ament_index/resource_index/packages", ["resource/" + PACKAGE]),
        ("share/" + PACKAGE, ["package.xml"]),
        ("share/" + PACKAGE + "/launch", sorted(glob("launch/*.launch.py"))),
        ("share/" + PACKAGE + "/config", sorted(glob("config/*.xml"))),
        ("share/" + PACKAGE + "/config/stations", sorted(glob("config/stations/*.yaml"))),
        ("share/" + PACKAGE + "/rviz", sorted(glob("rviz/*"))),
        ("share/" + PACKAGE + "/foxglove", sorted(glob("foxglove/*.json"))),
        ("share/" + PACKAGE + "/rqt", sorted(glob("rqt/*"))),
        ("share/" + PACKAGE + "/gazebo", sorted(glob("gazebo/*"))),
    ],
    install_requires=["setuptools", "zprl", "zprl_control", "zprl_core", "zprl_hardware", "zprl_sim", "pyyaml"],
    zip_safe=False,
    maintainer="zprl maintainers",
    maintainer_email="maintainers@example.org",
    description="Launch files, stations and the graph: which nodes run with which parameters.",
    license="Apache-2.0",
    entry_points={
        "zprl.robots": [
            "sim = zprl_bringup.graph.robots.sim:SIM",
            "mujoco = zprl_bringup.graph.robots.mujoco:MUJOCO",
            "fci-sim = zprl_bringup.graph.robots.fci_sim:FCI_SIM",
            "franky = zprl_bringup.graph.robots.franky:FRANKY",
            "ros2-control = zprl_bringup.graph.robots.ros2_control:ROS2_CONTROL",
            "gazebo = zprl_bringup.graph.robots.gazebo:GAZEBO",
            "ros2-control-sim = zprl_bringup.graph.robots.ros2_control:ROS2_CONTROL_SIM",
        ],
    },
)
