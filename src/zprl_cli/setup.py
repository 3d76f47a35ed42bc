"""Install zprl_cli (ament_python)."""

from setuptools import find_packages, setup

PACKAGE = "zprl_cli"

setup(
    name=PACKAGE,
    version="0.1.0",
    packages=find_packages(exclude=["test", "test.*"]),
    package_data={PACKAGE: ["py.typed"]},
    data_files=[
        ("share/ament_index/resource_index/packages", ["resource/" + PACKAGE]),
        ("share/" + PACKAGE, ["package.xml"]),
    ],
    install_requires=[
        "setuptools",
        "zprl",
        "zprl_bringup",
        "zprl_console",
        "zprl_core",
        "zprl_episodes",
        "zprl_hardware",
        "zprl_sim",
        "zprl_teleop",
        "zprl_view",
        "av",
        "h5py",
        "matplotlib",
        "numpy",
        "pillow",
        "pyarrow",
        "torch",
        "tqdm",
        "tyro",
    ],
    zip_safe=False,
    maintainer="zprl maintainers",
    maintainer_email="maintainers@example.org",
    description="The zprl command: pretrain, finetune, evaluate, report, doctor.",
    license="Apache-2.0",
    entry_points={
        "console_scripts": [
            "zprl = zprl_cli.main:main",
        ]
    },
)
