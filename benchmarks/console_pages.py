"""Runs `zprl console` in the domain of the environment, with three pages in headless Chromium; for watching.py."""

import os
import signal

from playwright.sync_api import sync_playwright

import support  # noqa: F401  before what it finds
from console_harness import CHROMIUM, ConsoleProcess, Viewer

PAGES = 3


def main() -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with sync_playwright() as playwright, ConsoleProcess(int(os.environ["ROS_DOMAIN_ID"])) as console:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        pages = [Viewer(browser, console.url) for _ in range(PAGES)]
        try:
            while True:
                pages[0].page.wait_for_timeout(1000)
        except KeyboardInterrupt:
            browser.close()


if __name__ == "__main__":
    main()
