"""Install zprl_learner (ament_python)."""

from setuptools import find_packages, setup

PACKAGE = "zprl_learner"

setup(
    name=PACKAGE,
    version="0.1.0",
    packages=find_packages(exclude=["test", "test.*"]),
    package_data={PACKAGE: ["py.typed"]},
    data_files=[
        ("share/ament_index/resource_index/packages", ["resource/" + PACKAGE]),
        ("share/" + PACKAGE, ["package.xml"]),
    ],
    install_requires=["setuptools", "zprl", "zprl_core", "torch"],
    zip_safe=False,
    maintainer="zprl maintainers",
    maintainer_email="maintainers@example.org",
    description="Learner node of zprl: transitions in, actor weights out.",
    license="Apache-2.0",
    entry_points={"console_scripts": ["learner_node = zprl_learner.ros.learner_node:main"]},
)
