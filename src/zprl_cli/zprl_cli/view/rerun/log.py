"""Logs moments with the SDK of Rerun, into a file."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import rerun as rr
import rerun.blueprint as rrb

from zprl_cli.view.moment import Line, Moment, Note, Numbers, Picture, Placed, Shown
from zprl_core.errors import RecordError

APPLICATION = "zprl"  # the viewer keeps the changes to a layout by it
TIMELINE = "time"
SCENE, PLOTS, CAMERAS, LOG = "scene", "plots", "cameras", "log"
JPEG_QUALITY = 90
ORDER = ("tool", "gripper", "joints", "arm", "episode", "run", "policy")  # of the plots, by a word of their group
AXIS_M = 0.05
LINE_M = 0.001  # radius


class RerunLog:
    """One recording. Entities: scene/<name>, plots/<group>/<name>, cameras/<camera>, log/<source>."""

    def __init__(self, stream: rr.RecordingStream):
        self._stream = stream
        self._groups: dict[str, None] = {}  # in the order of appearance
        self._cameras: dict[str, None] = {}
        self._scene = False  # something is in it
        stream.log(SCENE, rr.ViewCoordinates.RIGHT_HAND_Z_UP, static=True)

    def show(self, moment: Moment) -> None:
        """Logs one moment."""
        self._scene |= isinstance(moment.shown, Placed | Line)
        self._stream.set_time(TIMELINE, timestamp=np.datetime64(moment.stamp_ns, "ns"))
        self._log(moment.shown)

    def arrange(self) -> None:
        """Lays out the views: 3D and cameras above, plots and log below."""
        above = [rrb.Spatial3DView(origin=SCENE, name="scene")] if self._scene else []
        cameras = [rrb.Spatial2DView(origin=_path(CAMERAS, name), name=name) for name in self._cameras]
        plots = [
            rrb.TimeSeriesView(origin=_path(PLOTS, group), name=group) for group in sorted(self._groups, key=_rank)
        ]
        above += [rrb.Grid(*cameras)] if cameras else []
        below = rrb.Horizontal(rrb.Grid(*plots), rrb.TextLogView(origin=LOG, name="log"), column_shares=[4, 1])
        rows = [rrb.Horizontal(*above), below] if above else [below]
        self._stream.send_blueprint(rrb.Blueprint(rrb.Vertical(*rows), collapse_panels=True))

    def _log(self, shown: Shown) -> None:
        match shown:
            case Numbers():
                self._groups[shown.group] = None
                for name, value in shown.values.items():
                    self._stream.log(_path(PLOTS, shown.group, name), rr.Scalars(value))
            case Placed():
                pose = rr.Transform3D(translation=shown.position, quaternion=rr.Quaternion(xyzw=shown.quaternion))
                self._stream.log(_path(SCENE, shown.name), pose, rr.TransformAxes3D(AXIS_M))
            case Line():
                line = rr.LineStrips3D([shown.points], colors=[shown.color.value], radii=LINE_M)
                self._stream.log(_path(SCENE, shown.name), line)
            case Picture():
                self._cameras[shown.camera] = None
                self._stream.log(_path(CAMERAS, shown.camera), _image(shown))
            case Note():
                level = rr.TextLogLevel.WARN if shown.warning else rr.TextLogLevel.INFO
                self._stream.log(_path(LOG, shown.source), rr.TextLog(shown.text, level=level))


def _path(*parts: str) -> str:
    """Returns an entity path; a slash in a name makes no further level."""
    return rr.new_entity_path(list(parts))


def _rank(group: str) -> int:
    return min((k for k, word in enumerate(ORDER) if word in group.split()), default=len(ORDER))


def _image(picture: Picture) -> rr.AsComponents:
    pixels = picture.pixels
    if pixels.dtype == np.float32:
        return rr.DepthImage(pixels, meter=1.0)
    return rr.Image(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels).compress(jpeg_quality=JPEG_QUALITY)


@contextmanager
def rerun_file(path: Path, name: str) -> Iterator[RerunLog]:
    """Yields a log that becomes the file `path` at the end; after an error there is none.

    Raises RecordError when the file cannot be written.
    """
    part = path.with_name(f"{path.name}.part")
    stream = rr.RecordingStream(APPLICATION)
    try:
        _save(stream, part)
        stream.send_recording_name(name)
        log = RerunLog(stream)
        yield log
        log.arrange()
        stream.flush()
        stream.disconnect()
        os.replace(part, path)
    finally:
        stream.disconnect()
        part.unlink(missing_ok=True)


def _save(stream: rr.RecordingStream, path: Path) -> None:
    """Opens the file. Raises RecordError when it cannot be written."""
    for enable in (stream.set_log_time_enabled, stream.set_log_tick_enabled):
        enable(False)  # the only timeline is that of the messages
    try:
        stream.save(path)
    except RuntimeError as error:
        raise RecordError(f"cannot write {path}: {error}; give --save a file in a folder that exists") from None
