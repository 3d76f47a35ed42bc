"""Install zprl_episodes (ament_python)."""

from setuptools import find_packages, setup

PACKAGE = "zprl_episodes"

setup(
    name=PACKAGE,
    version="0.1.0",
    packages=find_packages(exclude=["test", "test.*"]),
    package_data={PACKAGE: ["py.typed"]},
    data_files=[
        ("share/ament_index/resource_index/packages", ["resource/" + PACKAGE]),
        ("share/" + PACKAGE, ["package.xml"]),
    ],
    install_requires=["setuptools", "numpy", "zprl_core"],
    zip_safe=False,
    maintainer="zprl maintainers",
    maintainer_email="maintainers@example.org",
    description="Episode manager, operator prompt, bag recorder and player: resets, labels, time limits, bags.",
    license="Apache-2.0",
    entry_points={
        "console_scripts": [
            "episode_node = zprl_episodes.ros.episode_node:main",
            "player_node = zprl_episodes.ros.player_node:main",
            "operator_node = zprl_episodes.ros.operator_node:main",
            "recorder_node = zprl_episodes.ros.recorder_node:main",
        ]
    },
)
