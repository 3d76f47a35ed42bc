"""The services of the policy node: set its mode, freeze its weights and roll them back."""

from rclpy.node import Node
from std_srvs.srv import SetBool, Trigger

from zprl.rl.config import Mode
from zprl.rl.residual_policy import ResidualPolicy
from zprl_core.errors import CheckpointError, remedy
from zprl_core.ros import services
from zprl_msgs.srv import RollBack, SetPolicyMode
from zprl_policy.contest import Contest
from zprl_policy.weight_manager import WeightManager

CHOSEN = "a blind comparison chooses who plays; set mode hold to stop the policy, or end zprl compare"


class Services:
    """The services policy/set_mode, policy/return_to_base, policy/freeze and policy/roll_back of a node."""

    def __init__(self, node: Node, policy: ResidualPolicy, weights: WeightManager, contest: Contest | None = None):
        """`contest`: chooses the mode, of which only hold can then be set."""
        self.policy, self.weights, self._contest = policy, weights, contest
        services.POLICY_SET_MODE.serve(node, self._on_mode)
        services.POLICY_RETURN_TO_BASE.serve(node, self._on_return)
        services.POLICY_FREEZE.serve(node, self._on_freeze)
        services.POLICY_ROLL_BACK.serve(node, self._on_roll_back)

    def _on_mode(self, request: SetPolicyMode.Request, response: SetPolicyMode.Response) -> SetPolicyMode.Response:
        try:
            mode = Mode(request.mode)
            if self._contest is not None and mode != Mode.HOLD:
                response.message = CHOSEN
                return response
            self.policy.mode = mode
            response.success = True
        except ValueError:
            response.message = f"unknown mode {request.mode}; " + ", ".join(
                f"{m.value} is {m.name.lower()}" for m in Mode
            )
        return response

    def _on_return(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        if self._contest is not None:
            response.message = CHOSEN
            return response
        self.policy.mode = Mode.BASE
        response.success, response.message = True, "base policy only from the next chunk on; policy/set_mode ends this"
        return response

    def _on_freeze(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        try:
            self.weights.freeze(request.data)
            response.success = True
            response.message = (
                f"weights {self.policy.actor_version} are kept" if request.data else "the newest weights are used"
            )
        except OSError as error:
            response.message = f"{error}; {remedy(error)}"
        return response

    def _on_roll_back(self, request: RollBack.Request, response: RollBack.Response) -> RollBack.Response:
        try:
            self.weights.roll_back(request.number)
            response.success = True
            response.message = (
                f"weights {request.number} from the next chunk on, until policy/freeze is called with false"
            )
        except (ValueError, CheckpointError, OSError) as error:
            response.message = str(error)
        return response
