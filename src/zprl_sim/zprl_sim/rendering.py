"""Imports MuJoCo without its OpenGL backend, which is loaded when the first image is rendered.

`import mujoco` loads the backend in MUJOCO_GL at once, and fails where it is missing. A simulation that renders nothing
must run on such a machine too, so mujoco is imported here without a backend, and every other module of zprl_sim imports
it from here.
"""

import atexit
import os

_wanted = os.environ.get("MUJOCO_GL")
os.environ["MUJOCO_GL"] = "disable"
try:
    import mujoco
finally:
    if _wanted is None:
        del os.environ["MUJOCO_GL"]
    else:
        os.environ["MUJOCO_GL"] = _wanted


def open_renderer(model: mujoco.MjModel, width: int, height: int) -> mujoco.Renderer:
    """Returns a renderer over EGL, without a display. Raises RuntimeError with a remedy where EGL is missing."""
    try:
        from mujoco.egl import GLContext

        mujoco.gl_context.GLContext = GLContext
        renderer = mujoco.Renderer(model, height, width)
    except Exception as error:  # the libraries may raise ImportError, AttributeError, EGLError and others
        raise RuntimeError(
            f"cannot render images without EGL ({error}); "
            "apt install libegl1 libgl1 libgl1-mesa-dri, or run without images"
        ) from None
    # A renderer that is still open when the interpreter exits would print errors after EGL is gone.
    atexit.register(renderer.close)
    return renderer


def close_renderer(renderer: mujoco.Renderer) -> None:
    """Frees the renderer's memory."""
    atexit.unregister(renderer.close)
    renderer.close()
