"""Measures observation to first action: two 128x128 cameras, one observation, this machine's cores.

    python benchmarks/inference.py                                  # alone
    python benchmarks/inference.py --neighbor                       # beside a busy learner
    python benchmarks/inference.py --peer /tmp/lerobot/bin/python   # a venv with lerobot, see benchmarks/README.md

Prints a table of p50 and p99 [ms], then the rates of matrix products and memory of the machine and the time that they
allow at least. Weights are random: they do not change the time.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
import tyro

from zprl.inference.config import InferenceConfig
from zprl.inference.export import export_base
from zprl.inference.onnx_base import OnnxBase
from zprl.inference.quantize import quantized
from zprl.models.base_policy import BasePolicy, freeze
from zprl.models.config import BaseConfig
from zprl.models.frozen_base import FrozenBase
from zprl.models.observation_batch import ObservationBatch
from zprl.models.unet_config import UnetConfig
from zprl.models.vision_config import VisionConfig, VisionNetwork
from zprl_core.observation_spec import ObservationSpec, StreamKind, StreamSpec, arm_observation

HERE = Path(__file__).parent
SIDE = 128
CAMERAS = tuple(
    StreamSpec(name, f"camera/{name}/color/image_raw", StreamKind.IMAGE, (SIDE, SIDE, 3)) for name in ("front", "wrist")
)
SEEN = ObservationSpec((*arm_observation(()).streams, *CAMERAS))
CALIBRATION = 20  # observations; more would not change the time


@dataclass(frozen=True)
class Options:
    """Options of the measurement."""

    calls: int = 60
    """Calls of each variant"""
    steps: tuple[int, ...] = (1, 2, 5, 10)
    """Euler steps"""
    networks: tuple[VisionNetwork, ...] = tuple(VisionNetwork)
    """Image encoders"""
    threads: tuple[int, ...] = (1, 2)
    """Threads of one computation"""
    neighbor: bool = False
    """Run a busy learner beside it"""
    compiled: bool = True
    """Measure torch.compile too, which takes minutes to compile"""
    peer: Path | None = None
    """Python of a virtual environment with lerobot"""


def base_of(network: VisionNetwork, euler_steps: int) -> BasePolicy:
    """A base with the networks of the paper, or with the small image encoder."""
    vision = VisionConfig(network, network.features, (SIDE, SIDE), (SIDE, SIDE))
    torch.manual_seed(0)
    base = BasePolicy(BaseConfig(SEEN, 16, euler_steps=euler_steps, vision=vision, unet=UnetConfig()))
    freeze(base)
    return base


def observation(seed: int = 0) -> ObservationBatch:
    rng = torch.Generator().manual_seed(seed)
    images = {c.name: torch.randint(0, 256, (1, *c.shape), generator=rng, dtype=torch.uint8) for c in CAMERAS}
    return ObservationBatch(0.3 * torch.randn(1, SEEN.state_size, generator=rng), images)


def call(base: FrozenBase) -> Callable[[], torch.Tensor]:
    """Return a function that computes the first action of an observation."""
    seen, x_0 = observation(), torch.randn(1, *base.chunk_shape)

    @torch.no_grad()
    def act() -> torch.Tensor:
        return base.chunk(base.embed(seen).mu, x_0)[0, 0]

    return act


def measured(act: Callable[[], object], calls: int) -> tuple[float, float]:
    """Returns p50 and p99 [ms] of `calls` calls, after a tenth as many that do not count."""
    for _ in range(max(3, calls // 10)):
        act()
    times = []
    for _ in range(calls):
        began = time.perf_counter()
        act()
        times.append(1e3 * (time.perf_counter() - began))
    return float(np.percentile(times, 50)), float(np.percentile(times, 99))


def compiled(base: BasePolicy) -> Callable[[], torch.Tensor]:
    """Compile with frozen weights; without freezing the encoder's weights are laid out again at each call."""
    import torch._inductor.config as inductor

    inductor.freezing = True
    seen, x_0 = observation(), torch.randn(1, *base.chunk_shape)
    names = [c.name for c in CAMERAS]

    def forward(state: torch.Tensor, front: torch.Tensor, wrist: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
        images = dict(zip(names, (front, wrist), strict=True))
        return base.chunk(base.embed(ObservationBatch(state, images)).mu, noise)[0, 0]

    fast = torch.compile(forward)

    @torch.no_grad()
    def act() -> torch.Tensor:
        return fast(seen.state, *(seen.images[n] for n in names), x_0)

    return act


def row(text: str, p: tuple[float, float]) -> None:
    print(f"| {text} | {p[0]:.1f} | {p[1]:.1f} |", flush=True)


def compare(network: VisionNetwork, o: Options) -> None:
    """Prints the rows of one image encoder. The exports of all numbers of steps share their graphs."""
    one = base_of(network, 1)
    exported = export_base(one)
    int8 = quantized(one, exported, [observation(seed) for seed in range(CALIBRATION)])
    for steps in o.steps:
        base = base_of(network, steps)
        times = export_times(base)
        for threads in o.threads:
            name = f"{network.value}, Euler {steps}, {threads} thread{'s' * (threads > 1)}"
            torch.set_num_threads(threads)
            row(f"{name} | PyTorch, eager", measured(call(base), o.calls))
            if o.compiled:
                torch._dynamo.reset()
                row(f"{name} | PyTorch, compiled and frozen", measured(compiled(base), o.calls))
            for kind, graphs in (("float32", exported), ("int8", int8)):
                settings = InferenceConfig(threads=threads)
                found = OnnxBase(base.config, base.embedding_dim, 1.0, replace(graphs, times=times), settings)
                row(f"{name} | ours, {kind}", measured(call(found), o.calls))


def export_times(base: BasePolicy) -> np.ndarray:
    from zprl.inference.graphs import time_rows

    return time_rows(base).numpy()


def limits(networks: tuple[VisionNetwork, ...], threads: tuple[int, ...]) -> None:
    """Prints the machine's rates, and the time that the products of each network take at these rates."""
    for n in threads:
        torch.set_num_threads(n)
        a, b = torch.randn(1024, 1024), torch.randn(1024, 1024)
        seconds = measured(lambda a=a, b=b: a @ b, 20)[0] / 1e3
        gemm = 2 * 1024**3 / seconds / 1e9
        x = torch.randn(64 << 20)  # 256 MB
        memory = x.numel() * 4 / (measured(x.sum, 10)[0] / 1e3) / 1e9
        print(f"{n} thread{'s' * (n > 1)}: {gemm:.0f} GFLOP/s, reading {memory:.1f} GB/s", flush=True)
        for network in networks:
            base = base_of(network, 1)
            flop = counted(lambda base=base: base.embed(observation()))
            step = counted(lambda base=base: base.chunk(torch.zeros(1, 16), torch.zeros(1, *base.chunk_shape)))
            weights = 4 * sum(p.numel() for p in base.velocity.parameters())
            least = flop / gemm / 1e6, max(step / gemm / 1e6, weights / memory / 1e6)
            print(f"  {network.value}: encoder {flop / 1e9:.2f} GFLOP, at least {least[0]:.1f} ms; "
                  f"flow step {step / 1e9:.2f} GFLOP, {weights / 1e6:.0f} MB, at least {least[1]:.1f} ms")  # fmt: skip


def counted(act: Callable[[], object]) -> float:
    """Counts the floating point operations of convolutions and matrix products."""
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter, torch.no_grad():
        act()
    return float(counter.get_total_flops())


@contextmanager
def neighbor(wanted: bool) -> Iterator[None]:
    """A learner that updates without pause, at the lowest priority as in a graph."""
    process = subprocess.Popen([sys.executable, str(HERE / "busy_learner.py")]) if wanted else None
    try:
        yield
    finally:
        if process is not None:
            process.terminate()
            process.wait()


def main() -> None:
    o = tyro.cli(Options)
    with neighbor(o.neighbor):
        print("| encoder, steps, threads | computed by | p50 [ms] | p99 [ms] |\n|---|---|---|---|", flush=True)
        for network in o.networks:
            compare(network, o)
        if o.peer is not None:
            command = [str(o.peer), str(HERE / "peer_lerobot.py"), str(o.calls), *map(str, o.steps)]
            for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines():
                found = json.loads(line)
                row(f"resnet18, {found['steps']} steps, {found['threads']} threads | {found['name']}", found["ms"])
    limits(o.networks, o.threads)


if __name__ == "__main__":
    main()
