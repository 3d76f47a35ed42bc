"""Install zprl_view (ament_python)."""

from setuptools import find_packages, setup

PACKAGE = "zprl_view"

setup(
    name=PACKAGE,
    version="0.1.0",
    packages=find_packages(exclude=["test", "test.*"]),
    package_data={PACKAGE: ["py.typed"]},
    data_files=[
        ("share/ament_index/resource_index/packages", ["resource/" + PACKAGE]),
        ("share/" + PACKAGE, ["package.xml"]),
    ],
    install_requires=["setuptools", "zprl_core", "foxglove-sdk", "numpy"],
    zip_safe=False,
    maintainer="zprl maintainers",
    maintainer_email="maintainers@example.org",
    description="Shows what a policy plans and an arm does: markers, link frames and images for rviz and Foxglove.",
    license="Apache-2.0",
    entry_points={
        "console_scripts": [
            "foxglove_node = zprl_view.ros.foxglove_node:main",
            "view_node = zprl_view.ros.view_node:main",
        ]
    },
)
