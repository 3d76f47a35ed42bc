"""The SROS2 policy allows each node what its source code does, and nothing of what another one does alone."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from node_rights import SETTINGS, intruders, missing, shared_uses
from source_files import ROOT, product_files
from source_uses import Use, uses
from sros2_policy import RIGHTS, Rule, holders, rules
from zprl_bringup.graph.graphs import finetune_graph
from zprl_bringup.graph.paths import config_file
from zprl_view.panel.buttons import BUTTONS, Button

POLICY = config_file("security_policy.xml")
DOC = ROOT / "docs" / "how-to" / "security.md"

# A robot with ros2_control, and its simulations: controllers' names are parameters, so its enclaves are the user's own.
FOREIGN = ("ros2_control_", "gripper_client", "gripper_server", "controller_", "gazebo_")
HUMAN = [
    "/policy/set_mode", "/policy/roll_back", "/policy/freeze", "/policy/return_to_base",
    "/learner/pause", "/learner/resume", "/episode/reset", "/episode/label",
    "/arm/enable", "/arm/stop", "/arm/recover", "/arm/estop", "/arm/release",
    "/operator/confirm",
]  # fmt: skip
OF_ANY_ARM = {"/arm", "/mujoco"}
BY_HAND = ("/arm/", "/episode/", "/operator/")  # keys and buttons ask for these


def several_robots(number: int, folder: Path) -> str:
    """The policy for several robots, by the script in the document."""
    (script,) = re.findall(r"```python\n(.*?)```", DOC.read_text(), re.DOTALL)
    path = folder / "several.py"
    path.write_text(script)
    command = [sys.executable, str(path), str(POLICY), str(number)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def found() -> set[Use]:
    return uses(path for path in product_files() if not path.stem.startswith(FOREIGN)) | shared_uses()


@pytest.fixture
def allowed() -> list[Rule]:
    return rules(POLICY.read_text())


def test_the_file_has_the_form_that_sros2_reads() -> None:
    root = ET.fromstring(POLICY.read_text(), ET.XMLParser(target=ET.TreeBuilder(insert_comments=True)))
    assert root.tag == "policy" and root.attrib == {"version": "0.2.0"}
    (enclaves,) = root
    assert all(enclave.tag == "enclave" for enclave in enclaves), "sros2 takes a comment here for an enclave"
    for profile in root.iter("profile"):
        assert set(profile.attrib) == {"ns", "node"}
        for group in (each for each in profile if isinstance(each.tag, str)):
            assert set(group.attrib) <= set(RIGHTS[group.tag]) and set(group.attrib.values()) == {"ALLOW"}
            assert len(group) and all(f"{each.tag}s" == group.tag and each.text for each in group)


def test_every_node_and_every_person_has_one_enclave() -> None:
    paths = [enclave.get("path") for enclave in ET.parse(POLICY).getroot().iter("enclave")]
    assert sorted(map(str, paths)) == [
        "/arm", "/camera", "/doctor", "/episode", "/fci", "/foxglove", "/learner", "/monitor", "/mujoco", "/operator",
        "/policy", "/recorder", "/renderer", "/sim", "/teleop", "/view",
    ]  # fmt: skip
    assert {node.full_name for node in finetune_graph(SETTINGS).nodes} <= set(paths)


def test_the_document_makes_and_describes_every_enclave() -> None:
    """Enforced, a node without its enclave does not start."""
    paths = {str(enclave.get("path")) for enclave in ET.parse(POLICY).getroot().iter("enclave")}
    text = DOC.read_text()
    (made,) = re.findall(r"for enclave in (.*?); do", text)
    described = set(re.findall(r"^\| `(/\w+)`", text, re.MULTILINE))
    assert sorted(made.split()) == sorted(paths) == sorted(described)


def test_every_interface_in_the_sources_is_found(found: set[Use]) -> None:
    """A regular expression that finds nothing would allow everything."""
    assert {
        Use("policy", "publish", "arm/command"),
        Use("policy", "publish", "any/arm/command"),
        Use("sim", "subscribe", "any/arm/command"),
        Use("sim", "publish", "any/joint_states"),
        Use("policy", "subscribe", "arm/current_pose"),
        Use("policy", "subscribe", "objects/any/pose"),
        Use("policy", "reply", "policy/set_mode"),
        Use("pictures", "publish", "camera/any/color/image_raw"),
        Use("camera", "publish", "camera/any/color/image_raw/compressed"),
        Use("arm", "execute", "arm/move_to_start"),
        Use("sim", "reply", "reset"),
        Use("episode", "request", "reset"),
        Use("learner", "publish", "actor_weights"),
        Use("monitor", "subscribe", "policy/status"),
        Use("managed", "publish", "/diagnostics"),
    } <= found


def test_each_node_may_do_what_its_source_does(found: set[Use], allowed: list[Rule]) -> None:
    assert not missing(found, allowed, robots=1)


def test_a_new_topic_or_node_without_permission_is_noticed(tmp_path: Path, allowed: list[Rule]) -> None:
    (tmp_path / "policy_debug_node.py").write_text('self.create_publisher(\n    String, f"debug/{name}", 10)')
    (tmp_path / "gripper_node.py").write_text('node.create_service(Trigger, "open", self._open)')
    lacks = missing(uses(tmp_path.glob("*.py")), allowed, robots=1)
    assert lacks == ["gripper: whose enclave is that?", "/policy may not publish /debug/any"]


def test_topics_and_services_of_the_table_are_found(tmp_path: Path) -> None:
    (tmp_path / "policy_node.py").write_text("topics.TELEOP.under(arm.arm).subscribe(node, f(partial(x), 1))")
    (tmp_path / "sim_node.py").write_text("self._add(topics.OBJECT_POSE.of(name))\nprint(topics.TELEOP.under(a).name)")
    (tmp_path / "episode_node.py").write_text("Robot(services.RESET.client(self))")
    assert uses(tmp_path.glob("*.py")) == {
        Use("policy", "subscribe", "teleop"),
        Use("policy", "subscribe", "any/teleop"),
        Use("sim", "publish", "objects/any/pose"),
        Use("episode", "request", "reset"),
    }


def test_a_topic_used_in_an_unknown_way_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "policy_node.py").write_text("topics.ARM_STATUS.subscribe(node, f)\nmake(topics.ARM_STATUS)")
    with pytest.raises(AssertionError, match=r"what is done with topics.ARM_STATUS in line 2"):
        uses([tmp_path / "policy_node.py"])


def test_a_name_that_cannot_be_read_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "policy_node.py").write_text("self.create_publisher(String, somewhere, 10)")
    with pytest.raises(AssertionError, match="which name somewhere is"):
        uses([tmp_path / "policy_node.py"])


@pytest.mark.parametrize("right", ["publish", "reply"])
def test_nobody_may_do_what_another_node_does_alone(found: set[Use], allowed: list[Rule], right: str) -> None:
    assert not intruders(found, allowed, right)


def test_a_right_too_many_is_noticed(found: set[Use], allowed: list[Rule]) -> None:
    more = [*allowed, Rule("/operator", "publish", "/arm/*")]
    assert intruders(found, more, "publish") == [
        f"/operator may publish /arm/{name}"
        for name in ("base_plan", "command", "current_pose", "current_twist", "external_wrench", "plan", "status")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("right", "name", "who"),
    [
        ("publish", "/arm/command", {"/policy"}),
        ("publish", "/left/arm/command", {"/policy"}),
        ("publish", "/arm/plan", {"/policy"}),
        ("publish", "/view/markers", {"/view"}),
        ("publish", "/left/arm/status", {"/sim"}),
        ("publish", "/replay", {"/policy"}),
        ("publish", "/replay/journal", {"/policy"}),
        ("publish", "/replay/ack", {"/learner"}),
        ("publish", "/actor_weights", {"/learner"}),
        ("publish", "/learner/status", {"/learner"}),
        ("publish", "/joint_states", {"/sim", "/arm", "/mujoco"}),
        ("publish", "/scene/state", {"/fci", "/mujoco"}),
        ("subscribe", "/scene/state", {"/renderer", "/operator", "/recorder", "/foxglove"}),
        ("publish", "/camera/front/color/image_raw", {"/sim", "/renderer", "/camera"}),
        ("publish", "/arm/current_pose", {"/sim", "/arm", "/mujoco"}),
        ("publish", "/episode/event", {"/episode"}),
        ("publish", "/doctor/image", {"/doctor"}),
        ("subscribe", "/arm/command", {"/sim", "/arm", "/mujoco", "/operator", "/recorder", "/foxglove"}),
        ("request", "/scene/reset", {"/arm", "/mujoco"}),
        ("subscribe", "/replay/ack", {"/policy", "/episode", "/operator", "/recorder", "/foxglove"}),
        ("subscribe", "/replay/journal", {"/learner", "/monitor", "/operator", "/recorder", "/foxglove"}),
        (
            "subscribe",
            "/learner/status",
            {"/policy", "/episode", "/monitor", "/operator", "/recorder", "/foxglove", "/view"},
        ),
        ("request", "/reset", {"/episode"}),
        ("request", "/policy/set_parameters", set()),
        *(("request", name, {"/operator", "/teleop"} if name.startswith(BY_HAND) else {"/operator"}) for name in HUMAN),
        ("request", "/arm/hold", {"/operator", "/teleop", "/policy"}),  # the last one at the end of a playback
        ("reply", "/arm/hold", OF_ANY_ARM),
        ("publish", "/teleop", {"/teleop"}),
        ("publish", "/operator/prompt", {"/operator"}),
        ("reply", "/scene/reset", {"/fci", "/mujoco", "/operator"}),
        ("request", "/arm/arm", {"/operator"}),  # the old name of arm/enable
        ("reply", "/arm/arm", OF_ANY_ARM),
        *(("reply", name, OF_ANY_ARM if name.startswith("/arm/") else {"/" + name.split("/")[1]}) for name in HUMAN),
        ("execute", "/arm/move_to_start", OF_ANY_ARM),
        ("call", "/arm/move_to_start", {"/operator"}),
        ("publish", "/arm/estop", {"/operator"}),
    ],
)
def test_who_may(allowed: list[Rule], right: str, name: str, who: set[str]) -> None:
    assert holders(allowed, right, name) == who


def test_several_robots_have_enclaves_of_their_own(tmp_path: Path, found: set[Use]) -> None:
    allowed = rules(several_robots(3, tmp_path))
    assert not missing(found, allowed, robots=3)
    for i in (1, 2, 3):
        for arm in ("", "left/"):
            assert holders(allowed, "publish", f"/robot_{i}/{arm}arm/command") == {f"/robot_{i}/policy"}
        assert holders(allowed, "publish", f"/robot_{i}/joint_states") == {
            f"/robot_{i}/{name}" for name in ("sim", "arm", "mujoco")
        }
        assert holders(allowed, "request", f"/robot_{i}/reset") == {f"/robot_{i}/episode"}
        assert holders(allowed, "request", f"/robot_{i}/policy/roll_back") == {"/operator"}
        assert holders(allowed, "subscribe", f"/robot_{i}/policy/status") == {
            f"/robot_{i}/episode", f"/robot_{i}/recorder", f"/robot_{i}/view", "/foxglove", "/monitor", "/operator",
        }  # fmt: skip
    assert holders(allowed, "publish", "/replay") == {f"/robot_{i}/policy" for i in (1, 2, 3)}
    assert holders(allowed, "publish", "/actor_weights") == {"/learner"}
    assert "/policy" not in {rule.enclave for rule in allowed}


def test_the_links_of_the_document_lead_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", DOC.read_text()) if not link.startswith("http")]
    assert links and all((DOC.parent / link).exists() for link in links)


@pytest.mark.parametrize("button", BUTTONS, ids=lambda button: button.name)
def test_a_panel_may_press_its_buttons(allowed: list[Rule], button: Button) -> None:
    for space in ("", "/robot_1") if not button.service.startswith("learner/") else ("",):
        assert "/operator" in holders(allowed, "request", f"{space}/{button.service}")
