"""The doors that files come through: checkpoints, demonstrations, runs, weights on the shelf; and launch arguments."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st

from fuzz_samples import ACTORS, BASE, FITS, actor_bytes, learner, train, transition
from fuzz_target import Enter, FuzzTarget
from mutated_folders import files_in, mutated_folder, put
from mutators import numbers, seeds, words
from zprl.checkpoints.checkpoint import arrays_of, load_base, save_base
from zprl.checkpoints.fingerprint import earlier_fingerprint_of
from zprl.checkpoints.learner_checkpoint import load_actor, load_counters, load_learner, save_learner
from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl.models.base_policy import BasePolicy
from zprl.models.observation_batch import ObservationBatch
from zprl.training.demos import Demos
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.saved_run import load_options
from zprl_bringup.graph.spec import GraphError
from zprl_bringup.ros_launch.arguments import settings_from
from zprl_core.errors import CheckpointError
from zprl_core.files import checksum_of
from zprl_policy.weight_manager import WeightManager
from zprl_policy.weight_store import WeightStore


def _folder_target(
    name: str, make: Callable[[Path], None], use: Callable[[Path], Any], error: type[Exception]
) -> FuzzTarget:
    """A folder that `make` makes and `use` reads."""

    def open_(folder: Path) -> Enter:
        make(folder / "good")
        good = files_in(folder / "good")

        def enter(seed: bytes) -> bool:
            return bool(use(put(folder / "bad", mutated_folder(Random(seed), good))))

        return enter

    return FuzzTarget(name, 0.0, seeds, open_, (error,), least=2000)


def _make_base(folder: Path) -> None:
    torch.manual_seed(0)
    save_base(folder, BasePolicy(BASE))


def _use_base(folder: Path) -> None:
    base = load_base(folder)
    with torch.no_grad():
        batch = ObservationBatch(torch.zeros(1, base.config.observation.state_size))
        chunk = base.chunk(base.embed(batch).mu, torch.zeros(1, *base.chunk_shape))
    if not torch.isfinite(chunk).all():
        raise AssertionError("a base was taken that gives no numbers")


def _learning(folder: Path) -> Enter:
    train(folder / "good")
    good = files_in(folder / "good" / "actor" / "000002")
    one = learner()
    for k in range(8):
        one.add(transition(k))

    def enter(seed: bytes) -> bool:
        before = _state(one)
        try:
            load_learner(put(folder / "bad", mutated_folder(Random(seed), good)), one)
        except CheckpointError:
            if _state(one) != before:
                raise AssertionError("a checkpoint that was refused changed the learner") from None
            raise
        one.update()
        save_learner(folder / "again", one, 1)
        load_learner(put(folder / "bad", good), one)
        return False

    return enter


def _state(one: Any) -> str:
    modules = (one.sac.actor, one.sac.critics, one.sac.target)
    states = [(x.steps, x.exp_avg, x.exp_avg_sq) for x in (one.sac.actor_opt, one.sac.critic_opt)]
    rngs = (one.sac.rng.get_state().sum().item(), one.rng.bit_generator.state)
    return repr(
        (
            [earlier_fingerprint_of(arrays_of(m)) for m in modules],
            one.sac.log_alpha.item(),
            one.sac.updates,
            rngs,
            states,
        )
    )


def _use_actor(folder: Path) -> None:
    load_counters(folder)
    actor, scale, counters = load_actor(folder)
    if not (0 < scale < 1e300 and counters.actor_version >= 0):
        raise AssertionError(f"scale {scale}, {counters}")
    with torch.no_grad():
        actor.mode(torch.zeros(1, actor.shape.embedding_dim), torch.zeros(1, actor.shape.residual_dim))


def _make_actor(folder: Path) -> None:
    train(folder.parent / "trained")
    shutil.copytree(folder.parent / "trained" / "actor" / "000002", folder / "000002")


def _make_demos(folder: Path) -> None:
    rng = np.random.default_rng(0)
    observations, actions = rng.normal(size=(12, 11)).astype(np.float32), rng.uniform(-1, 1, (12, 5)).astype(np.float32)
    Demos(observations, actions, np.array([5, 12]), "lift", 0, BASE.observation).save(folder)


def _use_demos(folder: Path) -> None:
    demos = Demos.load(folder)
    if demos.observations.dtype != np.float32 or not isinstance(demos.task, str) or demos.episode_ends.min() < 1:
        raise AssertionError(f"demonstrations were taken that are none: {demos}")


def _make_run(folder: Path) -> None:
    folder.mkdir(parents=True)
    run = RunFolder(folder)
    run.open(RunOptions().saved, RunOptions().numbers)
    run.write("wall_s", {"demos": 1.5, "pretrain": 2.0})


def _use_run(folder: Path) -> None:
    run = RunFolder(folder)
    with run.timed("demos"):
        pass
    if not isinstance(run.name, str) or len(run.name.encode()) > 255:
        raise AssertionError(f"the run is called {run.name!r}")
    options = load_options(run)
    if not options.numbers["task"]:
        raise AssertionError("options without a task")
    run.open(options.saved, options.numbers)


def _shelving(folder: Path) -> Enter:
    good = {f"{number:09d}.safetensors": actor_bytes(number) for number in (1, 4, 8)}

    def enter(seed: bytes) -> bool:
        rng = Random(seed)
        files = mutated_folder(rng, good, repair=False)
        if rng.random() < 0.3:
            name = rng.choice(("²", "-1", "9" * 40, str(2**64 - 1), "7", "0000000000000000000000005"))
            files[f"{name}.safetensors"] = rng.choice(ACTORS)
        if rng.random() < 0.3:
            files["pinned"] = rng.choice((b"4", b"9" * 300, b"9" * 9000, b"-4", b"\xff", b"", "²".encode(), b"1e3"))
        place = put(folder / "bad", files)
        inbox = WeightManager(FITS, WeightStore(place))
        if not 0 <= inbox.newest < 1 << 50:
            raise AssertionError(f"the newest weights have number {inbox.newest}")
        data = pack_actor_of(20)
        inbox.offer(data, "run", 20, "base", checksum_of(data))
        inbox.roll_back(rng.choice((1, 4, 8, 20, 2**64 - 1)))
        return inbox.rejected > 0

    return enter


def pack_actor_of(number: int) -> bytes:
    return _PACKED.setdefault(number, actor_bytes(4))


_PACKED: dict[int, bytes] = {}

arguments = st.fixed_dictionaries(
    {
        "task": st.sampled_from(["lift", "lift", "peg_insert", ""]) | words,
        "lockstep": st.sampled_from(["true", "false", "maybe"]),
        "deployed": st.sampled_from(["true", "false", ""]),
        "cameras": st.sampled_from(["", "front", ",,", "front,wrist"]) | words,
        "robots": st.sampled_from(["1", "2", "0", "-1", "1e3", "99999999999999999999", "1" * 5000, "²"]) | words,
        "seed": st.one_of(st.just("0"), numbers.map(str), words),
    },
    optional={
        "base": st.just("base") | words,
        "actor": words,
        "mode": st.sampled_from(["evaluate", "base", "hold", "finetune", "EVALUATE", "x"]) | words,
        "preset": st.sampled_from(["cpu", "fast", "slow"]) | words,
        "steer": st.sampled_from(["latent", "noise", "sideways"]) | words,
        "resume": st.sampled_from(["", "~nobody-of-that-name/run", "/dev/null", "/"]) | words,
        "run_folder": st.sampled_from(["runs/x", "~nobody-of-that-name", "/", ".", "x" * 5000]) | words,
        "time_limit_s": st.sampled_from(["0", "nan", "inf", "-1", "1e400"]) | words,
        "max_update_debt": numbers.map(str) | words,
        "max_episodes": numbers.map(str) | words,
    },
)


def _launching(folder: Path) -> Enter:
    def enter(given: dict[str, str]) -> bool:
        options = settings_from(given).options
        if not (0 <= options.time_limit_s < 1e12 and 0 <= options.seed < 2**31 and 1 <= options.robots < 10_000):
            raise AssertionError(f"options were taken that are none: {options}")
        return False

    return enter


def with_name(targets: Sequence[FuzzTarget], name: str) -> FuzzTarget:
    return next(target for target in targets if target.name == name)


FILE_TARGETS = (
    _folder_target("base folder", _make_base, _use_base, CheckpointError),
    FuzzTarget("learner's checkpoint", 0.0, seeds, _learning, (CheckpointError,), least=2000),
    _folder_target("actor folder", _make_actor, _use_actor, CheckpointError),
    _folder_target("demonstrations", _make_demos, _use_demos, CheckpointError),
    _folder_target("run folder", _make_run, _use_run, RunError),
    FuzzTarget("shelf of weights", 0.0, seeds, _shelving, (ValueError, CheckpointError), least=2000),
    FuzzTarget("launch arguments", 0.0, arguments, _launching, (GraphError,), least=2000),
)
