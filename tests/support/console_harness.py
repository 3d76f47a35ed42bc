"""`zprl console` as a process, and browsers that open its page."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

CHROMIUM = Path("/usr/bin/chromium")
WAIT_S = 120.0
# NiceGUI takes a process with the second one for a test of its own, and then wants another variable with the port.
NOT_FOR_IT = ("_ROS_WHEELS_BOOTSTRAP_COMPLETE", "PYTEST_CURRENT_TEST")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ConsoleProcess:
    """A `with` block around the command, in the domain of a graph."""

    def __init__(self, domain: int, *arguments: str, port: int = 0):
        self.port, self.domain, self.arguments = port or free_port(), domain, arguments

    def start(self) -> None:
        env = {k: v for k, v in os.environ.items() if k not in NOT_FOR_IT} | {"ROS_DOMAIN_ID": str(self.domain)}
        command = [sys.executable, "-m", "zprl_cli.main", "console", "--port", str(self.port), *self.arguments]
        self.process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def __enter__(self) -> "ConsoleProcess":
        self.start()
        end = time.monotonic() + WAIT_S
        while self.status() == 0:
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < end, "the console does not answer"
            time.sleep(0.1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.communicate()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def end(self, number: int) -> int:
        """The exit code after a signal."""
        self.process.send_signal(number)
        return self.process.wait(WAIT_S)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(WAIT_S)

    def status(self, path: str = "", **headers: str) -> int:
        """The status of a GET; 0 when nothing answers. Redirects are not followed."""
        request = urllib.request.Request(self.url + path, headers=headers)
        try:
            with urllib.request.build_opener(_NoRedirect).open(request, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def websocket(self, headers: Mapping[str, str]) -> str:
        """The first line of the answer to a WebSocket's handshake."""
        lines = {
            "Host": f"127.0.0.1:{self.port}", "Upgrade": "websocket", "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", **headers,
        }  # fmt: skip
        path = "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as stream:
            text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
            stream.sendall(f"GET {path} HTTP/1.1\r\n{text}\r\n".encode())
            return stream.recv(4096).decode("latin-1").split("\r\n")[0]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class Viewer:
    """A person at the page, in a browser of their own."""

    def __init__(self, browser: Any, url: str, **options: Any):
        self.context = browser.new_context(viewport={"width": 1280, "height": 1000}, **options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(1000 * WAIT_S)
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(url)

    def close(self) -> None:
        self.context.close()

    def until(self, selector: str, text: str) -> None:
        """Wait until an element has a text."""
        self.page.locator(selector, has_text=text).first.wait_for(state="visible")

    def text(self, selector: str) -> str:
        return str(self.page.locator(selector).first.inner_text())

    def click(self, selector: str) -> None:
        self.page.locator(selector).first.click()

    def take_control(self) -> None:
        self.click(".take")
        self.until(".who", "you have control")

    def press(self, name: str, again: bool = False) -> None:
        """Press a button once it is enabled. `again`: and confirm it."""
        self.page.locator(f"button.button-{name}:not([disabled])").wait_for()
        self.click(f"button.button-{name}")
        if again:
            self.click(".question .yes")

    def disabled(self, name: str) -> bool:
        return bool(self.page.locator(f"button.button-{name}").is_disabled())
