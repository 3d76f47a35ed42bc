"""Install zprl_control (ament_python)."""

from setuptools import find_packages, setup

PACKAGE = "zprl_control"

setup(
    name=PACKAGE,
    version="0.1.0",
    packages=find_packages(exclude=["test", "test.*"]),
    package_data={PACKAGE: ["py.typed"]},
    data_files=[
        ("share/ament_index/resource_index/packages", ["resource/" + PACKAGE]),
        ("share/" + PACKAGE, ["package.xml"]),
    ],
    install_requires=["setuptools", "zprl_core", "numpy", "ruckig"],
    zip_safe=False,
    maintainer="zprl maintainers",
    maintainer_email="maintainers@example.org",
    description="Safety guards, arm session and arm node over any arm driver.",
    license="Apache-2.0",
)
