"""Install zprl_policy (ament_python)."""

from setuptools import find_packages, setup

PACKAGE = "zprl_policy"

setup(
    name=PACKAGE,
    version="0.1.0",
    packages=find_packages(exclude=["test", "test.*"]),
    package_data={PACKAGE: ["py.typed"]},
    data_files=[
        ("share/ament_index/resource_index/packages", ["resource/" + PACKAGE]),
        ("share/" + PACKAGE, ["package.xml"]),
    ],
    install_requires=["setuptools", "zprl", "zprl_core", "numpy", "torch"],
    zip_safe=False,
    maintainer="zprl maintainers",
    maintainer_email="maintainers@example.org",
    description="Policy node of zprl: observations in, arm commands and transitions out.",
    license="Apache-2.0",
    entry_points={"console_scripts": ["policy_node = zprl_policy.ros.policy_node:main"]},
)
