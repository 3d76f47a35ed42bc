"""Makes an installed Python package outside the repository, with entry points, without pip or a network."""

from pathlib import Path


def foreign_package(folder: Path, name: str, entry_points: str, modules: dict[str, str]) -> Path:
    """Write package and metadata into `folder`, as pip would; put the folder on sys.path to install it.

    `entry_points` is the text of entry_points.txt, `modules` maps the names of modules to their source.
    """
    package = folder / name
    package.mkdir(parents=True)
    for module, source in {"__init__": "", **modules}.items():
        (package / f"{module}.py").write_text(source)
    metadata = folder / f"{name}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(entry_points)
    return folder
