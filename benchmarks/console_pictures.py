"""Pictures of the web console beside a simulated robot, and the CPU time that the console takes.

    python benchmarks/console_pictures.py --base RUN/base --actor RUN/actor/000021 [--episodes 12] [--measure 60]

Writes docs/images/console-desktop.png and console-phone.png once so many episodes have ended. --measure: seconds over
which the console's CPU time is taken, without a page and with one, two and three, each of which shows two cameras.
"""

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

import support  # noqa: F401  before what it finds
from console_harness import CHROMIUM, ConsoleProcess, Viewer
from zprl_bringup.graph.graphs import evaluate_graph
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.runner.ros_domain import own_domain
from zprl_bringup.runner.runner import Runner

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
COLORS = 256  # of a picture's palette, which keeps it below 200 kB


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--actor", type=Path, required=True)
    parser.add_argument("--episodes", type=int, default=12)
    parser.add_argument("--measure", type=int, default=0)
    asked = parser.parse_args()
    options = RunOptions(
        base=asked.base, actor=asked.actor, robot="mujoco", lockstep=False, cameras=("front", "wrist"), latency="ideal"
    )
    with tempfile.TemporaryDirectory() as folder, own_domain({}) as domain, sync_playwright() as playwright:
        graph = evaluate_graph(GraphSettings("console", Path(folder) / "run", options))
        env = os.environ | graph.env | {"ROS_DOMAIN_ID": str(domain)}
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        with Runner(graph, Path(folder) / "logs", env=env), ConsoleProcess(domain) as console:
            show(browser, console, asked.episodes)
            if asked.measure:
                measure(browser, console, asked.measure)


def show(browser: Any, console: ConsoleProcess, episodes: int) -> None:
    """Make the pictures: the page of who has control, and a phone of another viewer in the dark."""
    desktop = Viewer(browser, console.url)
    desktop.page.locator(".your-name input").fill("Anna")
    desktop.take_control()
    phone = Viewer(browser, console.url, color_scheme="dark", device_scale_factor=2)
    phone.page.set_viewport_size({"width": 390, "height": 844})
    desktop.page.set_default_timeout(3600e3)
    desktop.until(".rate", f"last {episodes} episodes")
    desktop.until(".mode", "episode runs")
    desktop.page.locator(".your-name input").blur()
    for viewer, name in ((desktop, "desktop"), (phone, "phone")):
        path = IMAGES / f"console-{name}.png"
        viewer.page.screenshot(path=path)
        Image.open(path).convert("RGB").quantize(COLORS).save(path, optimize=True)
        print(f"{path}: {path.stat().st_size / 1000:.0f} kB")
        viewer.close()


def measure(browser: Any, console: ConsoleProcess, seconds: int) -> None:
    """Print the console's CPU time without a page, and with up to three."""
    viewers: list[Viewer] = []
    waiter = browser.new_page()
    for pages in range(4):
        waiter.wait_for_timeout(5000)  # for what was opened or closed
        before = cpu_s(console.process.pid)
        waiter.wait_for_timeout(1000 * seconds)
        print(f"{pages} pages: {cpu_s(console.process.pid) - before:.1f} s of CPU in {seconds} s")
        viewers.append(Viewer(browser, console.url))


def cpu_s(pid: int) -> float:
    """CPU time of a process so far [s]."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
