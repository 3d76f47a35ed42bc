"""LeRobot's diffusion policy at the sizes of benchmarks/inference.py, run by a Python that has lerobot installed.

    python3.12 -m venv /tmp/lerobot && /tmp/lerobot/bin/pip install lerobot==0.6.1 diffusers

Prints one JSON line for each number of steps and threads. Imports nothing of zprl.
"""

import json
import sys
import time

import numpy as np
import torch
from lerobot.configs.types import FeatureType, PolicyFeature
from lerobot.policies.diffusion.configuration_diffusion import DiffusionConfig
from lerobot.policies.diffusion.modeling_diffusion import DiffusionModel

SIDE, STATE, ACTION, HORIZON = 128, 6, 5, 16


def model(steps: int) -> DiffusionModel:
    """One observation, ResNet18 with GroupNorm per camera, U-Net [128, 256, 512], DDIM."""
    cameras = {
        f"observation.images.{name}": PolicyFeature(FeatureType.VISUAL, (3, SIDE, SIDE)) for name in ("front", "wrist")
    }
    config = DiffusionConfig(
        n_obs_steps=1,
        horizon=HORIZON,
        n_action_steps=8,
        input_features={"observation.state": PolicyFeature(FeatureType.STATE, (STATE,)), **cameras},
        output_features={"action": PolicyFeature(FeatureType.ACTION, (ACTION,))},
        crop_shape=(SIDE, SIDE),
        use_separate_rgb_encoder_per_camera=True,
        use_group_norm=True,
        pretrained_backbone_weights=None,
        down_dims=(128, 256, 512),
        noise_scheduler_type="DDIM",
        num_inference_steps=steps,
    )
    return DiffusionModel(config).eval()


@torch.no_grad()
def main() -> None:
    calls = int(sys.argv[1])
    batch = {
        "observation.state": torch.randn(1, 1, STATE),
        "observation.images": torch.rand(1, 1, 2, 3, SIDE, SIDE),
    }
    for steps in map(int, sys.argv[2:]):
        policy = model(steps)
        for threads in (1, 2):
            torch.set_num_threads(threads)
            times = []
            for k in range(calls + 5):
                began = time.perf_counter()
                policy.generate_actions(batch)
                times += [1e3 * (time.perf_counter() - began)] if k >= 5 else []
            p = [float(np.percentile(times, q)) for q in (50, 99)]
            print(json.dumps({"name": "LeRobot diffusion, DDIM", "steps": steps, "threads": threads, "ms": p}))


if __name__ == "__main__":
    main()
