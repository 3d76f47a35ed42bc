"""Films a run's base and its finetuned policy side by side, on the first held-out resets.

python benchmarks/film.py --run runs/lift-seed0 --out docs/images/lift.gif
"""

import contextlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tyro
from PIL import Image, ImageDraw

from zprl.checkpoints.run_folder import RunFolder
from zprl.rl.residual_policy import ResidualPolicy
from zprl_bringup.graph.saved_run import load_options
from zprl_cli.job import Job
from zprl_cli.progress_bar import ProgressBar
from zprl_cli.report.video import Stage
from zprl_core.seeds import HELD_OUT

SIZE = (208, 156)  # width and height of one episode [px]
EVERY = 2  # control steps between frames
FRAME_MS = 100
REST = 15  # frames of the last state
COLORS = 64
GREEN, RED, GRAY = (0, 120, 80), (170, 50, 40), (60, 64, 70)

Frames = list[Image.Image]


@dataclass(frozen=True)
class Options:
    """Film a run."""

    run: Path
    """Run folder with a base and an actor"""
    out: Path = Path("docs/images/lift.gif")
    """Path of the film"""
    resets: int = 3
    """Number of held-out resets, from the first one"""


def frame(picture: npt.NDArray[np.uint8], text: str, color: tuple[int, int, int]) -> Image.Image:
    """Return one small frame with a caption."""
    image = Image.fromarray(picture).resize(SIZE, Image.Resampling.LANCZOS)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, SIZE[1] - 16, *SIZE), fill=color)
    draw.text((6, SIZE[1] - 14), text, fill=(255, 255, 255))
    return image


def episode(stage: Stage, policy: ResidualPolicy, seed: int, name: str) -> Frames:
    """Play reset `seed` and return its frames."""
    observation, steps = stage.restart(seed), 0
    policy.start(0)
    frames: Frames = []
    while True:
        if steps % EVERY == 0:
            frames.append(frame(stage.render(), name, GRAY))
        step = stage.apply(policy.act(observation))
        observation, steps = step.observation, steps + 1
        if step.terminated or step.truncated:
            end, color = ("success", GREEN) if step.success else ("failure", RED)
            return [*frames, frame(stage.render(), f"{name}: {end}", color)]


def grid(rows: list[list[Frames]]) -> Frames:
    """Tile the episodes; an episode that ended shows its last frame."""
    length = max(len(frames) for row in rows for frames in row) + REST
    film: Frames = []
    for k in range(length):
        image = Image.new("RGB", (SIZE[0] * len(rows[0]), SIZE[1] * len(rows)))
        for r, row in enumerate(rows):
            for c, frames in enumerate(row):
                image.paste(frames[min(k, len(frames) - 1)], (c * SIZE[0], r * SIZE[1]))
        film.append(image.quantize(COLORS, dither=Image.Dither.NONE))
    return film


def main(options: Options) -> None:
    """Write the film."""
    folder = RunFolder(options.run)
    job = Job(load_options(folder), folder, ProgressBar())
    base, stage = job.base(), job.problem.visible_robot()
    if stage is None:
        raise SystemExit("this run's problem cannot be rendered")
    policies = {"base": job.base_policy(base), "finetuned": job.policy(base)}
    seeds = range(HELD_OUT, HELD_OUT + options.resets)
    with contextlib.closing(stage):
        rows = [[episode(stage, policy, seed, name) for seed in seeds] for name, policy in policies.items()]
    film = grid(rows)
    film[0].save(options.out, save_all=True, append_images=film[1:], duration=FRAME_MS, loop=0, optimize=True)
    print(f"{options.out}: {len(film)} frames, {options.out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main(tyro.cli(Options, config=(tyro.conf.OmitArgPrefixes,)))
