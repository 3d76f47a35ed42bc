"""The whole method on a robot without physics."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch

from durable import dies, same
from toy import ToyRobot, toy_demos
from zprl.delivery.durable_learner import DurableLearner
from zprl.models.base_policy import BasePolicy
from zprl.models.config import BaseConfig
from zprl.rl.config import Mode
from zprl.rl.presets import CPU
from zprl.training.config import PretrainConfig
from zprl.training.evaluate import evaluate
from zprl.training.finetune import InProcess, finetune, make_learner, make_policy
from zprl.training.pretrain import pretrain
from zprl.training.rollout import Episode, Step
from zprl_core.observation import Observation
from zprl_core.observation_spec import arm_observation
from zprl_core.seeds import is_held_out, training_reset


def test_pretraining_lowers_the_flow_loss_and_finetuning_keeps_its_budget() -> None:
    torch.set_num_threads(1)
    losses: list[float] = []
    base = pretrain(
        toy_demos(20),
        BaseConfig(arm_observation(("cube",)), n_action_steps=4, hidden=64),
        PretrainConfig(steps=400, warmup=50),
        progress=lambda step, terms: losses.append(terms["flow"]),
    )
    assert losses[-1] < 0.9 * losses[0] and base.z_rms > 0
    before = [p.clone() for p in base.parameters()]
    config = replace(
        CPU,
        learner=replace(CPU.learner, warmup=40, sac=replace(CPU.learner.sac, hidden=32, batch=32, actor_after=0)),
    )
    run = InProcess(
        ToyRobot(),
        make_policy(base, config, Mode.FINETUNE, 0),
        make_learner(base, config, 0),
        config.publish_every,
    )
    episodes = []
    finetune(run, 600, lambda run, episode: episodes.append(episode))
    learner = run.learner
    assert learner.env_steps == sum(e.steps for e in episodes) >= 600
    assert learner.sac.updates == int(config.learner.utd * learner.replay.added)
    assert run.policy.actor_version == run.actor_version > 0
    assert all(torch.equal(a, b) for a, b in zip(before, base.parameters(), strict=True))  # the base is frozen


class Killed(Exception):
    """Stands for a SIGKILL."""


class DyingRobot(ToyRobot):
    """Dies in its 70th control step."""

    lifetime = 70

    def apply(self, action: npt.NDArray[np.float32]) -> Step:
        self.lifetime -= 1
        if self.lifetime < 0:
            raise Killed
        return super().apply(action)


STEPS = 500
LEARNED = replace(
    CPU,
    learner=replace(CPU.learner, warmup=20, sac=replace(CPU.learner.sac, hidden=8, batch=8, actor_after=0)),
    publish_every=7,
)


def stored_run(base: BasePolicy, folder: Path, robot: ToyRobot, until: float = 0.0) -> InProcess:
    learner, every = make_learner(base, LEARNED, 3), LEARNED.publish_every
    durable = DurableLearner("run", learner, folder / "record", folder / "actor", every, until=until)
    policy = make_policy(base, LEARNED, Mode.FINETUNE, 3)
    return InProcess(robot, policy, learner, LEARNED.publish_every, 3, durable)


def dying(update: Callable[[], dict[str, float]]) -> Callable[[], dict[str, float]]:
    """Return an update that dies at its eleventh call."""
    calls = count()

    def dies_in_time() -> dict[str, float]:
        if next(calls) == 10:
            raise Killed
        return update()

    return dies_in_time


def killed_until_done(base: BasePolicy, folder: Path, monkeypatch: pytest.MonkeyPatch, save_after: int) -> InProcess:
    """Finetune in calls that are killed in an episode, after its last step and between two updates, in turn.

    `save_after`: episodes of a call after which it saves a checkpoint.
    """
    for call in range(1000):
        run = stored_run(base, folder, DyingRobot())
        first = run.episodes

        def saved(run: InProcess, _: Episode, first: int = first) -> None:
            if run.episodes - first == save_after and run.durable_learner is not None:
                run.durable_learner.save()

        if call % 2:
            monkeypatch.setattr(run.learner, "update", dying(run.learner.update))
        try:
            finetune(run, STEPS, saved)
            return run
        except Killed:
            assert run.durable_learner is not None
            dies(run.durable_learner)
    raise AssertionError("it never ended")


@pytest.mark.parametrize("save_after", [0, 1])
def test_a_run_that_is_killed_again_and_again_gives_the_numbers_of_a_whole_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, save_after: int
) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    base = BasePolicy(BaseConfig(arm_observation(("cube",)), n_action_steps=4, hidden=8))
    base.eval()
    whole = stored_run(base, tmp_path / "whole", ToyRobot())
    finetune(whole, STEPS, lambda run, episode: None)
    broken = killed_until_done(base, tmp_path / "broken", monkeypatch, save_after)
    assert whole.learner.sac.updates > 100 and whole.actor_version == broken.actor_version
    assert same(whole.learner, broken.learner)
    assert list(whole.recent) == list(broken.recent) and whole.episodes == broken.episodes


class SeenResets(ToyRobot):
    """Notes the seeds of its resets."""

    def __init__(self) -> None:
        super().__init__()
        self.resets: list[int] = []

    def restart(self, seed: int) -> Observation:
        self.resets.append(seed)
        return super().restart(seed % 1000)


@pytest.mark.parametrize("seed", [0, 99, 100, 123, 2**31 - 1])
def test_no_seed_trains_on_held_out_resets(seed: int) -> None:
    base = BasePolicy(BaseConfig(arm_observation(("cube",)), hidden=8))
    robot, policy = SeenResets(), make_policy(base, CPU, Mode.FINETUNE, 0)
    run = InProcess(robot, policy, make_learner(base, CPU, 0), CPU.publish_every, seed)
    for first in (0, 9_999):
        run.episodes = first
        run.episode()
    evaluate(robot, make_policy(base, CPU, Mode.BASE, 0), 3)
    assert robot.resets[:2] == [training_reset(seed, 0), training_reset(seed, 9_999)]
    assert [is_held_out(reset) for reset in robot.resets] == [False, False, True, True, True]


class GivingRobot(ToyRobot):
    """Every episode succeeds in its fourth control step."""

    def apply(self, action: npt.NDArray[np.float32]) -> Step:
        step = super().apply(action)
        return replace(step, reward=float(self.steps == 4), terminated=self.steps == 4, truncated=False)


def test_a_run_ends_once_it_is_reliable_and_stays_so_when_it_is_resumed(tmp_path: Path) -> None:
    base = BasePolicy(BaseConfig(arm_observation(("cube",)), n_action_steps=4, hidden=8))
    base.eval()
    run = stored_run(base, tmp_path, GivingRobot(), until=0.9)
    needed = run.durable_learner.statistics.successes_needed  # type: ignore[union-attr]
    finetune(run, 10_000, lambda run, episode: None)
    assert run.reliable and run.episodes == needed > 20
    assert run.durable_learner is not None
    run.durable_learner.close()
    resumed = stored_run(base, tmp_path, GivingRobot(), until=0.9)
    finetune(resumed, 10_000, lambda run, episode: pytest.fail("it played on"))
    assert resumed.reliable and resumed.durable_learner is not None
    resumed.durable_learner.close()
    stricter = stored_run(base, tmp_path, GivingRobot(), until=0.95)
    finetune(stricter, 10_000, lambda run, episode: None)
    assert stricter.reliable and stricter.episodes > needed
