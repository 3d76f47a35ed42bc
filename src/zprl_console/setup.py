"""Install zprl_console (ament_python)."""

from setuptools import find_packages, setup

PACKAGE = "zprl_console"

setup(
    name=PACKAGE,
    version="0.1.0",
    packages=find_packages(exclude=["test", "test.*"]),
    package_data={PACKAGE: ["py.typed", "web/*.css", "web/*.js"]},
    data_files=[
        ("share/ament_index/resource_index/packages", ["resource/" + PACKAGE]),
        ("share/" + PACKAGE, ["package.xml"]),
    ],
    install_requires=["setuptools", "fastapi", "nicegui", "zprl", "zprl_core", "zprl_view"],
    zip_safe=False,
    maintainer="zprl maintainers",
    maintainer_email="maintainers@example.org",
    description="The web console: a running graph in a browser, with the operator's buttons.",
    license="Apache-2.0",
)
