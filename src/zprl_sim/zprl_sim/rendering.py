"""MuJoCo's window system, loaded when the first picture is drawn and not before.

`import mujoco` loads the one that MUJOCO_GL names at once, and fails where it is missing. A simulation that
draws nothing must run on such a machine too, so mujoco is imported here without one, and every other module of
zprl_sim takes it from here.
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
    """A renderer over EGL, without a display. Raises RuntimeError with a remedy where there is no EGL."""
    try:
        from mujoco.egl import GLContext

        mujoco.gl_context.GLContext = GLContext
        renderer = mujoco.Renderer(model, height, width)
    except Exception as error:  # the libraries below raise what they like: ImportError, AttributeError, EGLError
        raise RuntimeError(
            f"cannot draw pictures: no EGL ({error}); "
            "apt install libegl1 libgl1 libgl1-mesa-dri, or do without pictures"
        ) from None
    # An open renderer at the interpreter's exit complains after EGL is gone.
    atexit.register(renderer.close)
    return renderer


def close_renderer(renderer: mujoco.Renderer) -> None:
    """Give its memory back."""
    atexit.unregister(renderer.close)
    renderer.close()
