"""Install zprl (ament_python)."""

from setuptools import find_packages, setup

PACKAGE = "zprl"

setup(
    name=PACKAGE,
    version="0.1.0",
    packages=find_packages(exclude=["test"]),
    package_data={PACKAGE: ["py.typed"]},
    data_files=[
        ("share/ament_index/resource_index/packages", ["resource/" + PACKAGE]),
        ("share/" + PACKAGE, ["package.xml"]),
    ],
    install_requires=["setuptools"],
    zip_safe=False,
    maintainer="zprl maintainers",
    maintainer_email="maintainers@example.org",
    description="Finetune a frozen flow policy by reinforcement learning on its bottleneck latent.",
    license="Apache-2.0",
    # The command starts simulator and graph too, so its module lives on top, in zprl_bringup.
    entry_points={"console_scripts": ["zprl = zprl_bringup.cli:main"]},
)
