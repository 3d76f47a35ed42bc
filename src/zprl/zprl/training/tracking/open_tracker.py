"""Opens a tracker, whose library is loaded only then."""

from zprl.checkpoints.run_folder import RunError
from zprl.training.tracking.tracker import TrackedRun, Tracker, TrackerKind


def open_tracker(kind: TrackerKind, run: TrackedRun, online: bool) -> Tracker:
    """Open a tracker for a run. `online`: send to its server. Raises RunError where its package is missing."""
    run.folder.mkdir(exist_ok=True)
    try:
        if kind is TrackerKind.WANDB:
            from zprl.training.tracking.wandb_tracker import WandbTracker

            return WandbTracker(run, online)
        from zprl.training.tracking.mlflow_tracker import MlflowTracker

        return MlflowTracker(run, online)
    except ModuleNotFoundError as error:
        raise RunError(
            f"{kind.value} needs {error.name}, which is not installed; pip install -r requirements-trackers.txt -c "
            "constraints.txt"
        ) from None
