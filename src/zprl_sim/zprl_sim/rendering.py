"""Imports MuJoCo without its OpenGL backend, which is loaded when the first image is rendered.

`import mujoco` loads the backend in MUJOCO_GL at once, and fails where it is missing. A simulation that renders nothing
must run on such a machine too, so mujoco is imported here without a backend, and every other module of zprl_sim imports
it from here.
"""

import atexit
import ctypes
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

EGL, OSMESA = "EGL", "OSMesa"  # backends that need no display
LIBRARIES = {EGL: "libEGL.so.1", OSMESA: "libOSMesa.so.8"}
REMEDY = "apt install libegl1 libgl1 libgl1-mesa-dri, or libosmesa6, or run without images"


def open_renderer(model: mujoco.MjModel, width: int, height: int) -> mujoco.Renderer:
    """Returns a renderer without a display, for plain lighting: no shadows, no reflections.

    It uses EGL, or OSMesa where EGL is missing. Raises RuntimeError with a remedy where both are.
    """
    backend = find_backend()
    os.environ.setdefault("LP_NUM_THREADS", "0")  # Mesa's threads make small images slower, and take a core
    try:
        mujoco.gl_context.GLContext = _context_of(backend)
        renderer = mujoco.Renderer(model, height, width)
    except Exception as error:  # the libraries may raise ImportError, AttributeError, EGLError and others
        raise RuntimeError(f"cannot render images with {backend} ({error}); {REMEDY}") from None
    for flag in (mujoco.mjtRndFlag.mjRND_SHADOW, mujoco.mjtRndFlag.mjRND_REFLECTION):
        renderer.scene.flags[flag] = False
    # A renderer that is still open when the interpreter exits would print errors after EGL is gone.
    atexit.register(renderer.close)
    return renderer


def close_renderer(renderer: mujoco.Renderer) -> None:
    """Frees the renderer's memory."""
    atexit.unregister(renderer.close)
    renderer.close()


def find_backend() -> str:
    """Returns the backend that renders here: EGL, or OSMesa if only that is installed, or MUJOCO_GL is osmesa.

    A process cannot change from one to the other. Raises RuntimeError with a remedy where both are missing.
    """
    asked = os.environ.get("MUJOCO_GL", "").lower() == "osmesa"
    for backend in (OSMESA,) if asked else (EGL, OSMESA):
        try:
            ctypes.CDLL(LIBRARIES[backend])
            return backend
        except OSError:
            continue
    missing = LIBRARIES[OSMESA] if asked else " and ".join(LIBRARIES.values())
    raise RuntimeError(f"cannot render images without EGL or OSMesa ({missing} missing); {REMEDY}")


def _context_of(backend: str) -> type:
    if backend == EGL:
        from mujoco.egl import GLContext
    else:
        os.environ["PYOPENGL_PLATFORM"] = "osmesa"
        from mujoco.osmesa import GLContext
    context: type = GLContext
    return context
