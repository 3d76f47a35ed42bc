"""Options of runs and graphs, each a field marked with the commands and launch files that offer it."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from zprl.delivery.reliability_test import UNTIL
from zprl.models.config import BaseConfig
from zprl.models.unet_config import Head
from zprl.models.vision_config import VisionNetwork
from zprl.rl.config import FinetuneConfig, FlowNoise, NoiseConfig, Steer
from zprl_bringup.graph import option_checks
from zprl_bringup.graph.commands import (
    ALL,
    BAGGED,
    CHECKED,
    DRIVEN,
    GRAPH,
    JOB,
    LAUNCHED,
    LEARNED,
    PLAYED,
    PRETRAINED,
    RATED,
    RECORDED,
    RUN,
    SEEN,
    SHARED,
    Command,
)
from zprl_bringup.graph.kept import Kept
from zprl_bringup.graph.network import Only
from zprl_bringup.graph.preset import Preset
from zprl_bringup.graph.run_problem import problem_of
from zprl_core.bags.bag_images import CRF, JPEG_QUALITY, BagImages
from zprl_core.config.flatten import flatten
from zprl_core.config.metadata import SEEDS, OfferedBy, Range, offered_by
from zprl_core.latency import Latency
from zprl_core.obs import Obs
from zprl_core.seeds import HELD_OUT_COUNT
from zprl_sim.tasks.catalog import task_named
from zprl_sim.tasks.recipe import Recipe

if TYPE_CHECKING:  # loads simulators
    from zprl_sim.problem import Problem


@dataclass(frozen=True)
class RunOptions:
    """Options of a run or a graph. A command offers those that are marked with it; the others keep their default."""

    task: Annotated[
        str,
        "task of the simulated robot; zprl tasks lists them",
        OfferedBy(Command.DOCTOR, Command.TELEOP, Command.VIEW, *ALL.commands),
    ] = "lift"
    base: Annotated[
        Path | None,
        "checkpoint folder of the frozen base, made by zprl pretrain",
        OfferedBy(Command.UP, Command.TELEOP, Command.VIEW, Command.DOCTOR, *PLAYED.commands),
    ] = None
    actor: Annotated[
        Path | None, "checkpoint folder of the finetuned actor", OfferedBy(Command.UP, Command.EVALUATE)
    ] = None
    robot: Annotated[
        str,
        "kind of robot. sim: MuJoCo; mujoco: MuJoCo behind the arm node; fci-sim: MuJoCo behind Franka's protocol and "
        "driver; franky: a real Franka; ros2-control-sim: MuJoCo behind simulated controllers; gazebo: an FR3 in "
        "Gazebo; ros2-control: an arm behind ros2_control; or a robot of another package. All of zprl's but sim run in "
        "real time, without lockstep",
        CHECKED,
    ] = "sim"
    station: Annotated[
        Path | None,
        "station file (arm, cameras, limits, rates, learning), or the name of an example in config/stations",
        CHECKED,
    ] = None
    hostname: Annotated[str, "address of a real arm; empty: the station's", DRIVEN] = ""
    seed: Annotated[
        int,
        "seed of demonstrations, resets, exploration and learning",
        SEEDS,
        OfferedBy(Command.TELEOP, *ALL.commands),
    ] = 0
    preset: Annotated[
        Preset,
        "hyperparameters of online finetuning. efficient: five critics, five updates per chunk, zero noise; cpu: two "
        "critics, two updates; fast: ten wide critics, five updates; paper_v1: version 1 of the paper",
        LEARNED,
    ] = Preset.EFFICIENT
    steer: Annotated[Steer, "what the residual is added to: latent, action or noise", LEARNED] = Steer.LATENT
    demo_share: Annotated[
        float,
        "share of demonstrations in the batches, as successes with u = 0; steer latent",
        Range(0, 0.9),
        JOB,
    ] = 0.0
    noise: Annotated[
        FlowNoise | None,
        "noise at which the base's flow starts. sampled: drawn for each chunk; zero: its mean; fixed: drawn once, from "
        "noise_seed; default: that of the actor, or of the preset",
        OfferedBy(Command.UP, *LEARNED.commands),
    ] = None
    noise_seed: Annotated[int, "seed of fixed noise", SEEDS, OfferedBy(Command.UP, *LEARNED.commands)] = 0
    robots: Annotated[
        int,
        "number of simulated robots; several get the namespaces robot_1, robot_2 and so on",
        Range(1, 1000),
        RUN,
    ] = 1
    first_robot: Annotated[
        int, "number of this machine's first robot, where others have robots too; 0: none", Range(0, 1000), SHARED
    ] = 0
    only: Annotated[
        Only | None, "part of the graph that this machine runs: all but the learner, or the learner alone", SHARED
    ] = None
    latency: Annotated[
        Latency,
        "lag of the arm of robot sim. ideal: within its control step; real: like a real arm, for which a base must be "
        "made with it or with impedance: also with the springs of Franka's impedance control",
        ALL,
    ] = Latency.IDEAL
    obs: Annotated[
        Obs,
        "what a policy of a task of zprl observes besides the arms. state: the poses of the objects; images: the "
        "cameras front and wrist, and no object; rgbd: also their depth",
        OfferedBy(Command.TELEOP, *RECORDED.commands),
    ] = Obs.STATE
    lossless_video: Annotated[
        bool, "record the images of demonstrations without loss (FFV1), not as H.264", RECORDED
    ] = False
    euler_steps: Annotated[
        int | None,
        "Euler steps of the flow, straightened after pretraining so that 1 or 2 suffice; default: 5, not straightened",
        RECORDED,
    ] = None
    vision: Annotated[
        VisionNetwork,
        "network that encodes each camera's images. small: a CNN for CPUs; resnet18: from scratch; pretrained: a "
        "frozen ResNet18 from backbone, with a trained head for each camera",
        PRETRAINED,
    ] = VisionNetwork.SMALL
    backbone: Annotated[
        str | None,
        "weights of vision pretrained: torchvision's ResNet18 as .pth, or .safetensors; the base then contains them",
        PRETRAINED,
    ] = None
    head: Annotated[Head, "network of the flow. mlp; unet: a conditional 1-D U-Net, 80 MB", PRETRAINED] = Head.MLP
    lockstep: Annotated[
        bool, "true: as fast as policy and physics run, without skipped steps; false: real time", GRAPH
    ] = True
    deployed: Annotated[
        bool, "true: with the task's deployment mismatch; false: as in the demonstrations", LAUNCHED
    ] = True
    cameras: Annotated[
        tuple[str, ...],
        "cameras of a simulated robot to publish, besides those that the base sees: front, wrist",
        SEEN,
    ] = ()
    view: Annotated[bool, "show plans, paths and state as markers, for rviz and Foxglove", GRAPH] = False
    time_limit_s: Annotated[
        float, "time limit of an episode [s]; 0: that of the task or station", Range(0, 1e9), PLAYED
    ] = 0.0
    bags: Annotated[
        Path | None,
        "folder that receives a bag of each episode, with what the base observes, the arm's commands and states, and "
        "the station's record_topics",
        BAGGED,
    ] = None
    bag_images: Annotated[
        BagImages,
        "images in the bags. raw: as published; png: without loss; jpeg: with bag_jpeg_quality, depth as png; h264: "
        "color as video",
        BAGGED,
    ] = BagImages.RAW
    bag_jpeg_quality: Annotated[int, "quality of the bags' jpeg images", Range(1, 100), BAGGED] = JPEG_QUALITY
    bag_h264_crf: Annotated[int, "rate factor of the bags' h264 video", Range(0, 51), BAGGED] = CRF
    note: Annotated[str, "a remark of the operator, kept in each bag", BAGGED] = ""
    max_episodes: Annotated[
        int,
        "episodes of each robot after which the graph ends; 0: no limit",
        OfferedBy(Command.UP, *PLAYED.commands),
    ] = 0
    max_update_debt: Annotated[
        int,
        "due updates of the learner above which the next reset waits; 0: it never waits",
        OfferedBy(Command.FINETUNE),
    ] = 200
    env_steps: Annotated[
        int | None, "control steps of online finetuning; by default those of the task's recipe", JOB
    ] = None
    until: Annotated[
        float | None,
        "success rate at which finetuning ends, once its episodes have shown it; 0: at env_steps only; default: 0.95",
        JOB,
    ] = None
    compiled: Annotated[bool, "compile the learner's updates, which takes a minute once", RATED] = False
    demos: Annotated[
        int | None,
        "demonstrations to record; by default those of the task's recipe",
        OfferedBy(Command.JOB, Command.DEMOS),
    ] = None
    eval_episodes: Annotated[
        int, "held-out episodes for the base and for the finetuned policy", Range(1, HELD_OUT_COUNT), JOB
    ] = 200
    in_process: Annotated[bool, "finetune in one process, without ROS", JOB] = False
    env: Annotated[str | None, "Gymnasium environment instead of a task: module:Id; implies --in-process", RECORDED] = (
        None
    )
    expert: Annotated[
        str | None,
        "expert for --env: module:function, called with env and rng, which returns act(observation)",
        RECORDED,
    ] = None
    time_limit: Annotated[int | None, "control steps of an episode of --env; by default its own limit", RECORDED] = None
    kept: Annotated[Kept | None, "numbers of a resumed run that this release would derive otherwise", OfferedBy()] = (
        None
    )

    def __post_init__(self) -> None:
        option_checks.check_simulation(self.task, self.latency)
        usual = (self.task, self.latency, self.obs) == (RunOptions.task, Latency.IDEAL, Obs.STATE)
        option_checks.check_env(self.env, self.expert, self.time_limit, self.robots, usual)
        option_checks.check_backbone(self.vision, self.backbone)
        option_checks.check_learning(self.demo_share, self.steer, self.until)
        option_checks.check_robots(self.robots, self.first_robot, self.seed, self.in_process)
        option_checks.check_numbers(vars(self))
        option_checks.check_bags(self.bags, self.note, self.bag_images, self.bag_jpeg_quality, self.bag_h264_crf)
        if self.env is not None:
            object.__setattr__(self, "in_process", True)
        if self.backbone is not None:  # a run may be resumed in another folder
            object.__setattr__(self, "backbone", str(Path(self.backbone).expanduser().absolute()))

    @property
    def saved(self) -> dict[str, Any]:
        """The options that are saved in the run folder, as JSON: those that zprl finetune offers."""
        flat = flatten(self)
        return {name: flat[name] for name in offered_by(RunOptions, Command.JOB)}

    @property
    def title(self) -> str:
        """Name of the task or environment, usable as the name of a folder."""
        return self.task if self.env is None else self.env.rpartition(":")[2].replace("/", "_")

    @property
    def problem(self) -> "Problem":
        """The task or environment that this run learns; loads the simulator."""
        return problem_of(self.task, self.latency, self.obs, self.env, self.expert, self.time_limit)

    @property
    def recipe(self) -> Recipe:
        recipe = self._derived_recipe() if self.kept is None else self.kept.recipe
        return replace(
            recipe,
            env_steps=recipe.env_steps if self.env_steps is None else self.env_steps,
            demos=recipe.demos if self.demos is None else self.demos,
        )

    def _derived_recipe(self) -> Recipe:
        recipe = Recipe() if self.env else task_named(self.task).recipe
        return recipe if self.latency == Latency.IDEAL else recipe.slower()

    @property
    def finetune(self) -> FinetuneConfig:
        """The settings of the preset, with the changes of the task's recipe and of these options."""
        config = self._derived_finetune() if self.kept is None else self.kept.finetune
        return config if self.noise is None else replace(config, flow_noise=NoiseConfig(self.noise, self.noise_seed))

    def _derived_finetune(self) -> FinetuneConfig:
        config = self.preset.config_for(self.recipe)
        learner = replace(config.learner, demo_share=self.demo_share)
        return replace(config, learner=learner, steering=replace(config.steering, steer=self.steer))

    @property
    def tested_rate(self) -> float:
        """The success rate that the learner tests; 0: none."""
        return UNTIL if self.until is None else self.until

    def recipe_for(self, problem: "Problem") -> Recipe:
        """The recipe with the pretraining that this run's observation needs."""
        return self.recipe.seeing() if problem.observation.images and self.kept is None else self.recipe

    def base_config(self, problem: "Problem") -> BaseConfig:
        """The sizes of the base for this run's problem."""
        config = self.recipe.base(problem.observation, problem.action, self.vision, self.head)
        return config if self.euler_steps is None else replace(config, euler_steps=self.euler_steps)

    @property
    def numbers(self) -> dict[str, Any]:
        """All values that follow from these options, for the run's record."""
        problem = self.problem
        recipe = flatten(self.recipe_for(problem), "recipe.")
        base = {f"base.{name}": x for name, x in self.base_config(problem).to_json().items()}
        if self.kept is not None and self.kept.base:
            base = self.kept.base
        return {**recipe, **base, **flatten(self.finetune, "finetune."), "task": problem.numbers}
