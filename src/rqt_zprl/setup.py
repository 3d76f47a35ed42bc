"""Install rqt_zprl (ament_python)."""

from setuptools import find_packages, setup

PACKAGE = "rqt_zprl"

setup(
    name=PACKAGE,
    version="0.1.0",
    packages=find_packages(exclude=["test", "test.*"]),
    package_data={PACKAGE: ["py.typed"]},
    data_files=[
        ("share/ament_index/resource_index/packages", ["resource/" + PACKAGE]),
        ("share/" + PACKAGE, ["package.xml", "plugin.xml"]),  # rqt finds the plugin by the export in package.xml
    ],
    install_requires=["setuptools", "zprl", "zprl_core", "zprl_view"],
    zip_safe=False,
    maintainer="zprl maintainers",
    maintainer_email="maintainers@example.org",
    description="An rqt plugin with the state and the buttons that the operator of a zprl robot needs.",
    license="Apache-2.0",
)
