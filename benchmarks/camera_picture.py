"""Draws what a policy of images sees: each task's cameras at the start of the first held-out episode.

python benchmarks/camera_picture.py --out docs/images/cameras.png
"""

import contextlib
from dataclasses import dataclass
from pathlib import Path

import tyro
from PIL import Image, ImageDraw

from zprl_core.seeds import HELD_OUT
from zprl_sim.robot import SimRobot
from zprl_sim.tasks.catalog import task_named

SIDE, GAP, CAPTION = 128, 8, 16  # [px]
GRAY = (60, 64, 70)


@dataclass(frozen=True)
class Options:
    """Draw the cameras' images."""

    tasks: tuple[str, ...] = ("lift", "pick_to_tray", "peg_insert")
    """Names of the tasks"""
    out: Path = Path("docs/images/cameras.png")
    """Path of the picture"""


def views(name: str) -> list[tuple[str, Image.Image]]:
    """Return a task's images in deployment, each with its caption."""
    task = task_named(name)
    with contextlib.closing(SimRobot(task)) as robot:
        robot.reset(HELD_OUT)
        return [(f"{name}: {c}", Image.fromarray(robot.render(c, SIDE, SIDE))) for c in task.cameras]


def main() -> None:
    options = tyro.cli(Options)
    shown = [view for name in options.tasks for view in views(name)]
    picture = Image.new("RGB", (len(shown) * (SIDE + GAP) - GAP, SIDE + CAPTION), "white")
    draw = ImageDraw.Draw(picture)
    for k, (text, image) in enumerate(shown):
        x = k * (SIDE + GAP)
        picture.paste(image, (x, 0))
        draw.text((x, SIDE + 3), text, fill=GRAY)
    picture.save(options.out, optimize=True)
    print(f"{options.out}: {options.out.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
