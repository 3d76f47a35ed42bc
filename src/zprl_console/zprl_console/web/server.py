"""Serves the page, images and cameras until the program is told to end."""

import asyncio
import time
from importlib.resources import files

from fastapi import Response
from nicegui import Client, app, ui

from zprl_console.access import Access
from zprl_console.board import Board
from zprl_console.web.guard import Guard
from zprl_console.web.page import Page

TICK_S = 0.25
WAIT_S = 1.0  # longest wait for a new camera image
LOOK_S = 0.05
RECONNECT_S = 5.0  # a browser that comes back within this time keeps its page, and control
LOST = (
    '<div id="lost" role="alert">The connection to the console is lost. What this page shows is old, and its buttons '
    'do nothing: use the emergency stop at the robot.<span class="undelivered">NOT DELIVERED</span></div>'
)


def serve(board: Board, access: Access, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM; then the signal's own handler runs."""
    app.add_middleware(Guard, access=access)
    app.timer(TICK_S, board.tick)
    _add_images(board)
    _add_page(board)
    ui.run(
        host=host,
        port=port,
        title=f"zprl {board.robot}",
        dark=None,
        show=False,
        reload=False,
        tailwind=False,
        show_welcome_message=False,
        reconnect_timeout=RECONNECT_S,
        message_history_length=200,
        binding_refresh_interval=None,
        timeout_graceful_shutdown=2,
        server_header=False,
        proxy_headers=False,
    )


def _add_page(board: Board) -> None:
    here = files("zprl_console.web")
    head = f"<style>{(here / 'console.css').read_text()}</style><script>{(here / 'console.js').read_text()}</script>"

    @ui.page("/")
    def show(client: Client) -> None:
        viewer = client.id
        client.on_connect(lambda: board.connected.add(viewer))
        client.on_delete(lambda: board.connected.discard(viewer))
        client.on_disconnect(lambda: board.connected.discard(viewer))
        ui.add_head_html(head)
        ui.add_body_html(LOST)
        Page(board, viewer)


def _add_images(board: Board) -> None:
    @app.get("/camera")
    async def camera(name: str, after: int = 0) -> Response:
        """The next image of a camera; 204 when none comes soon."""
        end_s = time.monotonic() + WAIT_S
        while time.monotonic() < end_s:
            frame = board.cameras.frame(name)
            if frame is not None and frame.number != after:
                age_ms = round(1000 * (time.monotonic() - frame.arrived_s))
                headers = {"x-frame": str(frame.number), "x-age-ms": str(age_ms), "cache-control": "no-store"}
                return Response(frame.jpeg, media_type="image/jpeg", headers=headers)
            await asyncio.sleep(LOOK_S)
        return Response(status_code=204)

    @app.get("/thumbnail")
    def thumbnail(robot: str, episode: int) -> Response:
        image = board.thumbnails.numbered(robot, episode)
        if image is None:
            return Response(status_code=404)
        return Response(image, media_type="image/jpeg", headers={"cache-control": "no-store"})
