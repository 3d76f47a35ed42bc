"""Install zprl_core (ament_python)."""

from setuptools import find_packages, setup

PACKAGE = "zprl_core"

setup(
    name=PACKAGE,
    version="0.1.0",
    packages=find_packages(exclude=["test", "test.*"]),
    package_data={PACKAGE: ["py.typed"]},
    data_files=[
        ("share/ament_index/resource_index/packages", ["resource/" + PACKAGE]),
        ("share/" + PACKAGE, ["package.xml"]),
    ],
    install_requires=["setuptools", "av", "mcap", "numpy", "opencv-python-headless", "pyyaml", "tyro"],
    zip_safe=False,
    maintainer="zprl maintainers",
    maintainer_email="maintainers@example.org",
    description="Records, geometry, settings, errors and topics shared by every package of zprl.",
    license="Apache-2.0",
)
