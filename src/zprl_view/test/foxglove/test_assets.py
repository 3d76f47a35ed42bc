"""Files that a viewer may fetch."""

from pathlib import Path

import pytest

pytest.importorskip("ament_index_python")

from zprl_view.foxglove import assets


@pytest.fixture(autouse=True)
def share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an installed package `robot` with meshes, beside a secret."""
    folder = tmp_path / "share" / "robot"
    (folder / "meshes").mkdir(parents=True)
    (folder / "meshes" / "hand.stl").write_bytes(b"solid")
    (folder / "package.xml").write_text("<package/>")
    (tmp_path / "share" / "secret.stl").write_bytes(b"secret")

    def found(package: str) -> str:
        if package != "robot":
            raise LookupError(package)
        return str(folder)

    monkeypatch.setattr(assets, "get_package_share_directory", found)
    return folder


def test_a_mesh_of_a_package_is_read() -> None:
    assert assets.asset("package://robot/meshes/hand.stl") == b"solid"


@pytest.mark.parametrize(
    "url",
    [
        "package://robot/package.xml", "package://robot/meshes/other.stl", "package://unknown/meshes/hand.stl",
        "package://robot/../secret.stl", "package://robot/meshes/../../secret.stl", "package://robot//secret.stl",
        "package://../secret.stl", "file:///etc/passwd", "package://robot/meshes/hand.stl\n", "", "package://robot/.stl",
        "package://robot/%2e%2e/secret.stl",
    ],
)  # fmt: skip
def test_everything_else_is_refused(url: str) -> None:
    assert assets.asset(url) is None


def test_a_large_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "LARGEST", 4)
    assert assets.asset("package://robot/meshes/hand.stl") is None
