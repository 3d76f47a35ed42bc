"""Install zprl_bringup (ament_python)."""

from glob import glob

from setuptools import find_packages, setup

PACKAGE = "zprl_bringup"

setup(
    name=PACKAGE,
    version="0.1.0",
    packages=find_packages(exclude=["test"]),
    package_data={PACKAGE: ["py.typed"]},
    data_files=[
        ("share/ament_index/resource_index/packages", ["resource/" + PACKAGE]),
        ("share/" + PACKAGE, ["package.xml"]),
        ("share/" + PACKAGE + "/launch", sorted(glob("launch/*.launch.py"))),
        ("share/" + PACKAGE + "/config", sorted(glob("config/*.xml"))),
        ("share/" + PACKAGE + "/config/stations", sorted(glob("config/stations/*.yaml"))),
    ],
    install_requires=["setuptools"],
    zip_safe=False,
    maintainer="zprl maintainers",
    maintainer_email="maintainers@example.org",
    description="Bring up zprl: the launch graph, the episode node, and their parameters.",
    license="Apache-2.0",
    entry_points={
        "console_scripts": [
            "arm_node = zprl_bringup.arm_franky_node:main",
            "mujoco_arm_node = zprl_bringup.mujoco_arm_node:main",
            "camera_node = zprl_bringup.camera_node:main",
            "camera_record_node = zprl_bringup.camera_record_node:main",
            "episode_node = zprl_bringup.episode_node:main",
            "operator_node = zprl_bringup.operator_node:main",
            "teleop_node = zprl_bringup.teleop_node:main",
        ]
    },
)
