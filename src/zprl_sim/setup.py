"""Install zprl_sim (ament_python)."""

from glob import glob

from setuptools import find_packages, setup

PACKAGE = "zprl_sim"

setup(
    name=PACKAGE,
    version="0.1.0",
    packages=find_packages(exclude=["test", "test.*"]),
    package_data={PACKAGE: ["py.typed", "assets/*", "assets/**/*"]},
    data_files=[
        ("share/ament_index/resource_index/packages", ["resource/" + PACKAGE]),
        ("share/" + PACKAGE, ["package.xml"]),
        ("share/" + PACKAGE + "/meshes", sorted(glob(PACKAGE + "/assets/meshes/*.stl"))),  # package://zprl_sim/meshes
    ],
    install_requires=["setuptools", "zprl", "zprl_control", "zprl_core", "franky-sim", "gymnasium", "mujoco", "numpy"],
    zip_safe=False,
    maintainer="zprl maintainers",
    maintainer_email="maintainers@example.org",
    description="MuJoCo scenes, tasks and scripted experts, and a node with the robot's own interface.",
    license="Apache-2.0",
    entry_points={
        "console_scripts": [
            "sim_node = zprl_sim.ros.sim_node:main",
            "fci_node = zprl_sim.ros.fci_node:main",
            "controller_node = zprl_sim.ros.controller_node:main",
            "mujoco_arm_node = zprl_sim.ros.mujoco_arm_node:main",
            "gazebo_scene_node = zprl_sim.ros.gazebo_scene_node:main",
            "renderer_node = zprl_sim.ros.renderer_node:main",
            "expert_node = zprl_sim.ros.expert_node:main",
        ],
        "zprl.tasks": [
            "lift = zprl_sim.tasks.lift:LIFT_CUBE",
            "lift_in_joints = zprl_sim.tasks.lift_in_joints:LIFT_IN_JOINTS",
            "pick_to_tray = zprl_sim.tasks.pick_to_tray:PICK_TO_TRAY",
            "peg_insert = zprl_sim.tasks.peg_insert:PEG_INSERT",
            "angled_insert = zprl_sim.tasks.angled_insert:ANGLED_INSERT",
            "lift_leaning = zprl_sim.tasks.lift_leaning:LIFT_LEANING",
            "two_arm_lift = zprl_sim.tasks.two_arm_lift:TWO_ARM_LIFT",
        ],
    },
)
