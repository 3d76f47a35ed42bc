"""Renders an episode as a GIF."""

import sys
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from zprl.rl.residual_policy import ResidualPolicy
from zprl.training.rollout import Step
from zprl_core.observation import Observation

EVERY = 2  # control steps from one frame to the next
REST = 12  # extra frames of the last state
FRAME_MS = 100
COLORS = 96


class Stage(Protocol):
    """A robot that can be rendered."""

    def restart(self, seed: int) -> Observation: ...

    def apply(self, action: npt.NDArray[np.float32]) -> Step: ...

    def render(self) -> npt.NDArray[np.uint8]: ...


def record_video(stage: Stage, policy: ResidualPolicy, seed: int, path: Path, caption: str) -> bool:
    """Play the episode of reset `seed` and write it to `path`. False, with a warning, without rendering."""
    observation = stage.restart(seed)
    policy.start(0)
    frames: list[Image.Image] = []
    steps = 0
    try:
        while True:
            if steps % EVERY == 0:
                frames.append(_frame(stage.render(), f"{caption}  step {steps}"))
            step = stage.apply(policy.act(observation))
            observation, steps = step.observation, steps + 1
            if step.terminated or step.truncated:
                break
        end = "success" if step.success else "failure" if step.terminated else "time limit"
        frames += [_frame(stage.render(), f"{caption}  step {steps}: {end}")] * REST
    except (RuntimeError, OSError, ImportError) as error:
        print(f"zprl: no video: {error}", file=sys.stderr)
        return False
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=FRAME_MS, loop=0, optimize=True)
    return True


def _frame(picture: npt.NDArray[np.uint8], text: str) -> Image.Image:
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, image.height - 18, image.width, image.height), fill=(20, 24, 28))
    draw.text((6, image.height - 15), text, fill=(240, 240, 240))
    return image.quantize(COLORS)
