"""The whole method on a robot without physics."""

from dataclasses import replace

import pytest
import torch

from toy import ToyRobot, toy_demos
from zprl.models.base_policy import BasePolicy
from zprl.models.config import BaseConfig
from zprl.rl.config import Mode
from zprl.rl.presets import CPU
from zprl.training.config import PretrainConfig
from zprl.training.evaluate import evaluate
from zprl.training.finetune import InProcess, finetune, make_learner, make_policy
from zprl.training.pretrain import pretrain
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
