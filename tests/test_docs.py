"""Every link, path, module, executable and command that the documentation names exists."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from source_files import ROOT, product_files

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
SOURCES = [
    *product_files(),
    *(p for folder in ("tests", "benchmarks") for p in sorted((ROOT / folder).rglob("*.py"))),
    *sorted((ROOT / "src").glob("*/test/**/*.py")),
    *sorted((ROOT / "src").glob("*/config/**/*.*")),
    *sorted((ROOT / "scripts").iterdir()),
]
PACKAGES = {path.name: path for path in (ROOT / "src").iterdir() if path.is_dir()}
OTHERS = {"joy", "spacenav", "rmw_zenoh_cpp"}  # ROS packages of other projects
BUILT = ("ros2_ws/build", "ros2_ws/install", "ros2_ws/log")
TOP = ("src", "tests", "docs", "benchmarks", "scripts", "ros2_ws", *PACKAGES)
LINK = re.compile(r"\]\(([^)\s]+)\)")
PATH = re.compile(rf"(?<![\w/.:-])(?:\.\./)*((?:{'|'.join(TOP)})/[\w./-]*\w)(?![\w<*])")
MODULE = re.compile(r"python3? -m ([\w.]+)")
DOTTED = re.compile(r"`(zprl\w*(?:\.\w+)+)`")
EXECUTABLE = re.compile(r"ros2 run (\w+) (\w+)")
LAUNCH = re.compile(r"ros2 launch (\w+) ([\w.]+)")
COMMAND = re.compile(r"\bzprl (demos|pretrain|finetune|evaluate|up|doctor|tasks|\w+(?= --))\b([^`\n]*)")
PAGE = re.compile(r"docs/[\w/-]+\.(?:md|png)")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def text(path: Path) -> str:
    return path.read_text()


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    prose = re.sub(r"```.*?```", "", text(page), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", prose, re.MULTILINE)
    plain = (re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading) for heading in headings)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in plain}


def broken_links(page: Path) -> Iterator[str]:
    for link in LINK.findall(text(page)):
        if link.startswith(("http://", "https://")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            yield link


def exists(path: str) -> bool:
    """Whether the repository has that path, from its root or inside the package that it names."""
    if path.startswith(BUILT) or "/PKG/" in path:
        return True
    message = path.removeprefix("zprl_msgs/").split("/")[-1]
    if path.startswith("zprl_msgs/") and list(PACKAGES["zprl_msgs"].glob(f"*/{message}.*")):
        return True
    found = (ROOT / path, ROOT / "src" / path, ROOT / "src" / path.split("/")[0] / path)
    return any(each.exists() or each.with_suffix(".py").exists() for each in found)


def source_of(module: str) -> Path | None:
    """The file of one of our modules."""
    if (package := PACKAGES.get(module.split(".")[0])) is None:
        return None
    path = package.joinpath(*module.split("."))
    return next((p for p in (path.with_suffix(".py"), path / "__init__.py") if p.is_file()), None)


def runs(module: str) -> bool:
    """Whether `python -m module` works."""
    if module.split(".")[0] not in PACKAGES:
        return find_spec(module) is not None
    source = source_of(module)
    return source is not None and '__name__ == "__main__"' in source.read_text()


def defined(dotted: str) -> bool:
    """Whether `package.module`, or `package.module.Name`, is in the tree."""
    if source_of(dotted) is not None:
        return True
    module, _, last = dotted.rpartition(".")
    source = source_of(module)
    if source is None:
        return False
    body = ast.parse(source.read_text()).body
    return any(getattr(each, "name", None) == last for each in body)


def is_group(name: str) -> bool:
    """Whether one of our packages registers values under the entry point group of that name."""
    return any(f'"{name}": [' in path.read_text() for path in (ROOT / "src").glob("*/setup.py"))


def executables(package: str) -> set[str]:
    """The console scripts that a package's setup.py installs."""
    return set(re.findall(r'"(\w+) = [\w.]+:main"', (PACKAGES[package] / "setup.py").read_text()))


@cache
def flags(command: str) -> str:
    """The help of a command of `zprl`; empty when there is no such command."""
    call = [sys.executable, "-m", "zprl_cli.main", command, "--help"]
    done = subprocess.run(call, capture_output=True, text=True, timeout=600)
    return done.stdout if done.returncode == 0 else ""


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    assert not list(broken_links(page))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_paths_exist(page: Path) -> None:
    prose = LINK.sub("]", text(page))
    assert not [path for path in PATH.findall(prose) if not exists(path)]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_modules_can_be_run_and_names_are_defined(page: Path) -> None:
    wrong = [f"python -m {module}" for module in MODULE.findall(text(page)) if not runs(module)]
    wrong += [dotted for dotted in DOTTED.findall(text(page)) if not (defined(dotted) or is_group(dotted))]
    assert not wrong


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_executables_and_launch_files_are_installed(page: Path) -> None:
    wrong = [
        f"ros2 run {package} {executable}"
        for package, executable in EXECUTABLE.findall(text(page))
        if package not in OTHERS and (package not in PACKAGES or executable not in executables(package))
    ]
    wrong += [
        f"ros2 launch {package} {file}"
        for package, file in LAUNCH.findall(text(page))
        if not (ROOT / "src" / package / "launch" / file).is_file()
    ]
    assert not wrong


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_and_flags_exist(page: Path) -> None:
    wrong = []
    for command, rest in COMMAND.findall(text(page)):
        known = set(re.findall(r"--[\w-]+", flags(command)))
        given = set(re.findall(r"(?<![\w-])--[a-z][\w-]*", rest.split("#")[0]))
        wrong += [f"zprl {command} {flag}" for flag in sorted(given - known)] if known else [f"zprl {command}"]
    assert not wrong


@pytest.mark.parametrize("source", [s for s in SOURCES if s.is_file() and "docs/" in s.read_text()], ids=name)
def test_pages_that_the_sources_name_exist(source: Path) -> None:
    assert not [page for page in PAGE.findall(source.read_text()) if not exists(page)]


@pytest.mark.parametrize("page", [p for p in PAGES if (ROOT / "docs") in p.parents], ids=name)
def test_every_page_is_in_the_index(page: Path) -> None:
    index = ROOT / "docs" / "index.md"
    linked = {(index.parent / link.partition("#")[0]).resolve() for link in LINK.findall(index.read_text())}
    assert page == index or page in linked


def test_a_broken_reference_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Here\n[a](missing.md) [b](#here) [c](#there) [d](page.md#here)\n")
    assert list(broken_links(page)) == ["missing.md", "#there"]
    assert not exists("tests/test_nothing.py") and exists("zprl_hardware/franka")
    assert not runs("zprl_core.errors") and runs("zprl_teleop.ros.teleop_node")
    assert defined("zprl_control.driver.Driver") and not defined("zprl_control.driver.Backend")
