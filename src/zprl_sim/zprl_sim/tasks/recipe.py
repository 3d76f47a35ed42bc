"""The recipe of a task: how much data and training it needs. Imports neither torch nor mujoco."""

from dataclasses import dataclass, field, replace

from zprl.models.config import BaseConfig
from zprl.models.unet_config import Head, UnetConfig
from zprl.models.vision_config import VisionConfig, VisionNetwork
from zprl.rl.config import FinetuneConfig
from zprl.training.config import PretrainConfig
from zprl_core.action_spec import ActionSpec
from zprl_core.observation_spec import ObservationSpec


@dataclass(frozen=True)
class Recipe:
    """The default settings of a run of one task. A task without a recipe uses the values below."""

    env_steps: int = 50_000  # control steps of online finetuning, with preset efficient
    demos: int = 60
    quality: tuple[float, float] = (0.0, 1.0)  # quality of the demonstrations, drawn uniformly
    latent_dim: int = 8  # Z
    horizon: int = 16  # H
    n_action_steps: int = 4  # T_a
    pretrain: PretrainConfig = field(default_factory=lambda: PretrainConfig(steps=4000))

    explore: float = 0.0  # fraction of the episodes with a random residual after the warm-up
    entropy_per_dim: float = -1.0

    def __post_init__(self) -> None:
        if min(self.env_steps, self.demos) < 1:
            raise ValueError(f"a recipe's env_steps and demos must be at least 1, got {self.env_steps}, {self.demos}")
        if not 0.0 <= self.quality[0] <= self.quality[1] <= 1.0:
            raise ValueError(f"a recipe's quality must be a range within [0, 1], got {self.quality}")

    def adapted(self, config: FinetuneConfig) -> FinetuneConfig:
        """Returns `config` with this recipe's entropy target and exploration after the warm-up."""
        sac = replace(config.learner.sac, entropy_per_dim=self.entropy_per_dim)
        return self.exploring(replace(config, learner=replace(config.learner, sac=sac)))

    def exploring(self, config: FinetuneConfig) -> FinetuneConfig:
        """Returns `config` with this recipe's exploration after the warm-up."""
        return replace(config, exploration=replace(config.exploration, after_warmup=self.explore))

    def slower(self) -> "Recipe":
        """Returns the recipe for an arm that lags, with longer chunks because its episodes have more steps."""
        return replace(self, n_action_steps=max(8, self.n_action_steps))

    def seeing(self) -> "Recipe":
        """Returns the recipe for a policy that observes images, whose encoder is trained too."""
        return replace(self, pretrain=replace(self.pretrain, steps=3500, batch=64))

    def base(
        self,
        observation: ObservationSpec,
        action: ActionSpec,
        network: VisionNetwork = VisionNetwork.SMALL,
        head: Head = Head.MLP,
    ) -> BaseConfig:
        """Returns the config of the base policy for a task with these specs.

        Raises ValueError for a `network` other than the default when there are no images.
        """
        if network != VisionNetwork.SMALL and not observation.images:
            raise ValueError(
                f"vision {network.value} encodes images, and this policy observes none; add --obs images, or remove "
                "--vision"
            )
        vision = VisionConfig(network, network.features) if observation.images else None
        unet = UnetConfig() if head == Head.UNET else None
        sizes = self.latent_dim, self.horizon, self.n_action_steps
        return BaseConfig(observation, *sizes, action=action, vision=vision, unet=unet)


LONG = Recipe(
    env_steps=72_000,
    quality=(0.2, 1.0),
    n_action_steps=8,
    pretrain=PretrainConfig(steps=6000),
    explore=0.1,
    entropy_per_dim=-0.5,
)
"""The recipe for a task with several grasps or phases, of about 75 control steps or more."""
