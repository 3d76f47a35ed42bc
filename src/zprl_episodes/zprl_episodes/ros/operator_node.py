"""The operator node prompts the operator of a real robot, and takes the confirmation that the scene is ready."""

import time

from std_msgs.msg import String
from std_srvs.srv import Trigger

from zprl_core.arm_mode import ArmMode
from zprl_core.episode_event import EpisodeEventKind
from zprl_core.ros import parameters, services, topics
from zprl_core.ros.conversions import time_from
from zprl_core.ros.managed_node import ManagedNode, run
from zprl_episodes.operator_prompt import OperatorPrompt, OperatorSettings
from zprl_msgs.msg import ArmStatus, EpisodeEvent
from zprl_msgs.srv import Reset

PROMPT_S = 0.1
ASLEEP = "the operator node is not active; activate it"


class OperatorNode(ManagedNode):
    """Callbacks update the prompt; a timer publishes it."""

    def __init__(self) -> None:
        super().__init__("operator")
        parameters.declare(self, OperatorSettings())
        self.operator_prompt: OperatorPrompt | None = None

    def configure(self) -> None:
        settings = parameters.read(self, OperatorSettings, OperatorSettings())
        self.operator_prompt = OperatorPrompt(settings)
        self._said = ""
        self._prompt = topics.OPERATOR_PROMPT.publisher(self)
        topics.ARM_STATUS.subscribe(self, self._on_arm)
        topics.EPISODE_EVENT.subscribe(self, self._on_event)
        topics.EPISODE_REFUSAL.subscribe(self, self._on_refusal)
        self._prepares = settings.scene
        if settings.scene:
            services.SCENE_RESET.serve(self, self._on_reset)
        services.OPERATOR_CONFIRM.serve(self, self._on_confirm)
        self.create_timer(PROMPT_S, self._publish_prompt, clock=self.wall)

    def idle(self) -> None:
        """Clear the latched prompt."""
        self._said = ""
        self._prompt.publish(String())

    def _publish_prompt(self) -> None:
        """Publish and log the prompt when it changes."""
        if self.operator_prompt is None or not self.active:
            return
        prompt = self.operator_prompt.prompt(time.monotonic())
        if prompt != self._said:
            self._said = prompt
            self._prompt.publish(String(data=prompt))
            self.get_logger().info(prompt)

    def _on_arm(self, m: ArmStatus) -> None:
        if self.operator_prompt is not None and m.mode in set(ArmMode):
            self.operator_prompt.on_arm(ArmMode(m.mode), m.reason, time.monotonic())

    def _on_event(self, m: EpisodeEvent) -> None:
        if self.operator_prompt is not None and m.kind in set(EpisodeEventKind):
            self.operator_prompt.on_event(m.robot, EpisodeEventKind(m.kind), m.episode, m.reason)

    def _on_refusal(self, m: String) -> None:
        if self.operator_prompt is not None:
            self.operator_prompt.on_refusal(m.data)

    def _on_reset(self, request: Reset.Request, response: Reset.Response) -> Reset.Response:
        assert self.operator_prompt is not None
        if not self.active:
            response.message = ASLEEP
            return response
        answer = self.operator_prompt.on_reset_request(request.seed, time.monotonic())
        response.success, response.pending, response.message = answer.success, answer.pending, answer.message
        if answer.success:
            response.stamp = time_from(time.time_ns())
        return response

    def _on_confirm(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        assert self.operator_prompt is not None
        if not self.active:
            response.message = ASLEEP
            return response
        answer = self.operator_prompt.on_confirm(time.monotonic())
        response.success, response.message = answer.success, answer.message
        if answer.success:
            self.get_logger().info("the operator confirmed that the scene is ready")
        return response

    def health(self) -> tuple[str, dict[str, object]]:
        if self.operator_prompt is None:
            return "not configured", {}
        others = self.count_services(services.SCENE_RESET.name) - 1 if self._prepares else 0
        problem = "scene/reset is offered twice: stop the simulation, or this node" if others > 0 else ""
        return problem, {"prompt": self._said, "waits for the operator": self.operator_prompt.waiting}


def main() -> None:
    """Entry point."""
    run(OperatorNode)


if __name__ == "__main__":
    main()
