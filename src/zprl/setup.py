"""Install zprl (ament_python)."""

from setuptools import find_packages, setup

PACKAGE = "zprl"

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
        "zprl_core",
        "av",
        "lightning-fabric",
        "mcap",
        "numpy",
        "onnx",
        "onnxruntime",
        "safetensors",
        "tensorboard",
        "torch",
    ],
    zip_safe=False,
    maintainer="zprl maintainers",
    maintainer_email="maintainers@example.org",
    description="Finetune a frozen flow policy by reinforcement learning on its bottleneck latent.",
    license="Apache-2.0",
)
