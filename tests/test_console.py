"""The web console in a real browser, beside real nodes: buttons, viewers, lost connections, and who is kept out."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")
pytest.importorskip("nicegui")
pytest.importorskip("playwright")

from playwright import sync_api

from console_harness import CHROMIUM, ConsoleProcess, Viewer
from tiny import tiny_base
from zprl.rl.config import Mode
from zprl_bringup.graph.graphs import evaluate_graph, sim_graph
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import Graph
from zprl_bringup.runner.ros_domain import own_domain
from zprl_bringup.runner.runner import Runner
from zprl_console.press import LATE_MS

pytestmark = [
    pytest.mark.ros,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing: apt-get install chromium"),
]

TOKEN = "a-token-of-this-test"
ROBOT = RunOptions(robot="mujoco", lockstep=False, cameras=("front",), time_limit_s=600.0)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()


def running(graph: Graph, folder: Path) -> Iterator[tuple[int, Runner]]:
    """The graph in a domain of its own."""
    with own_domain({}) as domain:
        env = os.environ | graph.env | {"ROS_DOMAIN_ID": str(domain)}
        with Runner(graph, folder / "logs", env=env) as runner:
            yield domain, runner


@pytest.fixture(scope="module")
def domain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The domain of an arm, an episode node, and a policy that plays a base."""
    folder = tmp_path_factory.mktemp("console")
    tiny_base(folder / "base")
    options = RunOptions(**vars(ROBOT) | {"base": folder / "base"})
    settings = GraphSettings("run", folder / "run", options, mode=Mode.BASE)
    for domain, _ in running(evaluate_graph(settings), folder):
        yield domain


@pytest.fixture(scope="module")
def console(domain: int) -> Iterator[ConsoleProcess]:
    with ConsoleProcess(domain) as console:
        yield console


@pytest.fixture
def viewer(browser: Any, console: ConsoleProcess) -> Iterator[Viewer]:
    viewer = Viewer(browser, console.url)
    yield viewer
    assert viewer.errors == []
    viewer.close()


@pytest.fixture
def second(browser: Any, console: ConsoleProcess) -> Iterator[Viewer]:
    viewer = Viewer(browser, console.url)
    yield viewer
    viewer.close()


def test_a_click_ends_the_episode_with_its_label(viewer: Viewer) -> None:
    viewer.take_control()
    viewer.page.locator("img[data-camera=front][src^=blob]").wait_for()
    viewer.press("success")
    viewer.until(".answer", "Success: ")
    viewer.until(".episodes", "SUCCESS")
    viewer.page.locator(".episode img").first.wait_for()
    assert re.search(r"\(1/\d+, 95 %", viewer.text(".rate"))  # an episode more may have timed out by now
    viewer.press("failure")  # of the next episode, which the simulation starts by itself
    viewer.until(".episodes", "FAILURE")
    assert "1 discarded" not in viewer.text(".rate")


def test_a_key_holds_the_arm_and_a_confirmed_click_enables_it(viewer: Viewer) -> None:
    viewer.take_control()
    viewer.until(".mode", "arm STREAM")
    viewer.page.keyboard.press("h")
    viewer.until(".answer", "Hold: done")
    viewer.until(".mode", "arm HOLD")
    viewer.press("enable")
    viewer.until(".question", "the arm will move")
    viewer.click(".question >> text=Cancel")
    viewer.page.locator(".question").wait_for(state="detached")
    assert "Hold: done" in viewer.text(".answer")
    viewer.press("enable", again=True)
    viewer.until(".answer", "Enable: done")
    viewer.until(".mode", "arm STREAM")


def test_the_policy_is_set_and_weights_are_asked_for(viewer: Viewer) -> None:
    viewer.take_control()
    viewer.press("policy_hold")
    viewer.until(".mode", "policy hold")
    viewer.press("base")
    viewer.until(".mode", "policy base")
    viewer.press("roll_back")
    viewer.page.locator(".question input").fill("7")
    viewer.click(".question .yes")
    viewer.until(".answer.bad", "Roll back to weights:")  # there are none


def test_a_second_viewer_watches_and_may_only_stop(viewer: Viewer, second: Viewer) -> None:
    viewer.page.locator(".your-name input").fill("Anna <b>")
    viewer.take_control()
    second.until(".who", "Anna <b> has control")
    assert second.disabled("hold") and second.disabled("discard")
    second.page.keyboard.press("h")
    second.page.keyboard.press("Escape")
    second.until(".answer", "EMERGENCY STOP: done")
    viewer.until(".mode", "arm ESTOP")
    viewer.until(".refusal", "emergency stop")
    viewer.press("release", again=True)
    viewer.until(".answer", "Release emergency stop: done")
    viewer.until(".mode", "arm FAULT")
    viewer.press("recover")
    viewer.press("enable", again=True)
    viewer.until(".answer", "Enable: done")


def test_control_is_handed_over_and_freed(viewer: Viewer, second: Viewer) -> None:
    viewer.take_control()
    second.until(".take", "Ask for control")
    second.click(".take")
    viewer.until(".hand-over", "another viewer asks for control")
    viewer.click(".keep")
    second.page.locator(".take:not([disabled])").wait_for()
    assert second.text(".who") == "another viewer has control"
    second.click(".take")
    viewer.click(".give")
    second.until(".who", "you have control")
    viewer.until(".who", "another viewer has control")
    second.close()
    viewer.until(".who", "control is free")


def test_control_passes_without_an_answer(viewer: Viewer, second: Viewer) -> None:
    viewer.take_control()
    second.click(".take")
    second.until(".who", "you have control")
    viewer.page.locator(".hand-over").wait_for(state="detached")


def test_the_stop_is_there_on_a_phone_and_above_every_question(browser: Any, console: ConsoleProcess) -> None:
    phone = Viewer(browser, console.url)
    phone.page.set_viewport_size({"width": 390, "height": 800})
    phone.take_control()
    phone.press("home_gripper")
    phone.page.locator(".question").wait_for()
    stop = phone.page.locator(".button-estop")
    box = stop.bounding_box()
    assert box is not None and box["width"] > 300 and box["y"] + box["height"] <= 800
    middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
    hit = phone.page.evaluate("([x, y]) => document.elementFromPoint(x, y).closest('button')?.className", middle)
    assert "button-estop" in hit
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    phone.close()


def test_everything_is_loaded_from_the_console(viewer: Viewer, console: ConsoleProcess) -> None:
    viewer.page.locator("img[data-camera=front][src^=blob]").wait_for()
    viewer.page.locator(".curve canvas").wait_for()
    local = (console.url, console.url.replace("http", "ws"), "data:", "blob:")
    assert [url for url in viewer.requests if not url.startswith(local)] == []


def test_a_page_of_another_site_is_kept_out(viewer: Viewer, console: ConsoleProcess) -> None:
    own = f"http://127.0.0.1:{console.port}"
    assert console.websocket({"Origin": own}).startswith("HTTP/1.1 101")
    for headers in ({"Origin": "http://evil.example"}, {}, {"Origin": own, "Host": f"evil.example:{console.port}"}):
        assert console.websocket(headers).startswith("HTTP/1.1 403")
    assert console.status("camera?name=front", Origin="http://evil.example") == 403
    assert console.status(Host="evil.example") == 403 and console.status() == 200


def test_without_the_token_nothing_is_served(browser: Any, domain: int) -> None:
    with ConsoleProcess(domain, "--host", "0.0.0.0", "--token", TOKEN) as console:
        own = f"http://127.0.0.1:{console.port}"
        for path in ("", "?token=wrong-wrong-wrong", "camera?name=front", "thumbnail?robot=robot&episode=0", "docs"):
            assert console.status(path) == 401
        assert console.websocket({"Origin": own}).startswith("HTTP/1.1 403")
        viewer = Viewer(browser, f"{console.url}?token={TOKEN}")
        viewer.until(".who", "control is free")
        assert viewer.page.url == console.url  # the token is not left in the history
        (cookie,) = viewer.context.cookies()
        assert (cookie["sameSite"], cookie["httpOnly"], TOKEN in cookie["value"]) == ("Lax", True, False)
        viewer.page.reload()
        viewer.take_control()
        viewer.close()
        stranger = Viewer(browser, console.url)
        assert "open the address with ?token=" in stranger.text("body")
        stranger.close()


def test_figures_of_a_graph_that_died_are_old(browser: Any, tmp_path: Path) -> None:
    settings = GraphSettings("run", tmp_path / "run", ROBOT)
    for domain, runner in running(sim_graph(settings), tmp_path):
        with ConsoleProcess(domain) as console:
            viewer = Viewer(browser, console.url)
            viewer.until(".arm .value", "HOLD")
            assert viewer.page.locator(".arm.old").count() == 0 and not viewer.page.locator(".silence").is_visible()
            viewer.page.locator("img[data-camera=front][src^=blob]").wait_for()  # one never seen is not old
            for pid in runner.pids.values():
                os.kill(pid, signal.SIGKILL)
            viewer.until(".arm.old .old-text", "old: last heard")
            viewer.until(".silence", "the graph is silent")
            viewer.until(".mode", "arm ?")
            viewer.page.locator(".camera.old").wait_for()
            viewer.close()


def test_a_page_whose_console_died_says_so_and_sends_nothing(browser: Any, domain: int) -> None:
    with ConsoleProcess(domain) as console:
        viewer = Viewer(browser, console.url)
        viewer.take_control()
        assert not viewer.page.locator("#lost").is_visible()
        console.kill()
        viewer.until("#lost", "The connection to the console is lost")
        opacity = viewer.page.evaluate("getComputedStyle(document.querySelector('.board')).opacity")
        assert float(opacity) < 0.5
        viewer.page.keyboard.press("Escape")
        viewer.until("#lost .undelivered", "NOT DELIVERED")
        viewer.close()


def test_a_press_that_was_held_up_is_not_carried_out(viewer: Viewer, console: ConsoleProcess) -> None:
    """A connection that stands still delivers later what was pressed before the page noticed, unless it breaks."""
    viewer.take_control()
    for _ in range(10):
        viewer.page.locator("button.button-policy_hold:not([disabled])").wait_for()
        console.process.send_signal(signal.SIGSTOP)
        try:
            viewer.page.evaluate("document.querySelector('.button-policy_hold').click()")
            viewer.page.wait_for_timeout(LATE_MS + 100)
            assert viewer.page.locator("#lost").is_visible()
            viewer.page.evaluate("document.querySelector('.button-evaluate').click()")  # is not even sent
        finally:
            console.process.send_signal(signal.SIGCONT)
        viewer.page.locator("#lost").wait_for(state="hidden")
        viewer.until(".mode", "policy base")
        if said := viewer.text(".answer"):
            break
    assert "Policy holds: the press arrived late" in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_with_a_page_open(browser: Any, domain: int, number: signal.Signals) -> None:
    with ConsoleProcess(domain) as console:
        viewer = Viewer(browser, console.url)
        viewer.until(".who", "control is free")
        assert console.end(number) == 130
        viewer.close()
        assert console.process.stderr is not None and "Traceback" not in console.process.stderr.read()


def test_a_port_in_use_is_a_user_error(console: ConsoleProcess) -> None:
    second = ConsoleProcess(console.domain, port=console.port)
    second.start()
    _, said = second.process.communicate()
    wanted = f"zprl: port {console.port} of 127.0.0.1 is in use by another program; give another --port\n"
    assert (second.process.returncode, said) == (2, wanted)
