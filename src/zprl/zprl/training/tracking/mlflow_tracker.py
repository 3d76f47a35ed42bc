"""Hands a run to MLflow. No other module imports mlflow."""

import json
import os
import time
from collections.abc import Sequence

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # nothing goes to its makers
os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3")  # 7 otherwise, which take minutes
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")  # [s]

from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException

from zprl.checkpoints.run_folder import RunError
from zprl.training.tracking.run_tables import Marks, Point
from zprl.training.tracking.state_file import read_state, write_state
from zprl.training.tracking.tracker import PROJECT, TrackedRun

MARKS = "zprl.marks"  # tag of the run
MOST_METRICS, MOST_PARAMS = 1000, 100  # in one request, as MLflow's servers allow
LONGEST = 500  # characters of a parameter's value


class MlflowTracker:
    """A run of MLflow, the same at each call: in the run's trackers/mlflow.db, or on the server MLFLOW_TRACKING_URI."""

    def __init__(self, run: TrackedRun, online: bool):
        uri = os.environ.get("MLFLOW_TRACKING_URI", "")
        if online and not uri:
            raise RunError("--online needs the server of MLflow; set MLFLOW_TRACKING_URI, or remove --online")
        self._client = MlflowClient(tracking_uri=uri or f"sqlite:///{run.folder / 'mlflow.db'}")
        self._state_file, self._where = run.folder / "mlflow.json", uri or "mlflow.db"
        self._id = self._resumed() or self._created(run)
        self._client.update_run(self._id, status="RUNNING")
        self._log_settings(run)

    def _resumed(self) -> str:
        """Return the id that this run has there already; "" without one."""
        known = read_state(self._state_file).get(self._where, "")
        try:
            return self._client.get_run(str(known)).info.run_id if known else ""
        except MlflowException as error:
            raise RunError(
                f"MLflow does not have the run {known} of {self._state_file} ({error}); delete that file, and the run "
                "is tracked from its start"
            ) from None

    def _created(self, run: TrackedRun) -> str:
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME", PROJECT)
        found = self._client.get_experiment_by_name(name)
        place = None if "://" in self._where else str(run.folder / "mlflow-artifacts")
        experiment = found.experiment_id if found else self._client.create_experiment(name, artifact_location=place)
        created: str = self._client.create_run(experiment, run_name=run.name).info.run_id
        write_state(self._state_file, {**read_state(self._state_file), self._where: created})
        return created

    def _log_settings(self, run: TrackedRun) -> None:
        """Add the settings that the run lacks there: MLflow refuses to change one, as that of a longer run."""
        known = self._client.get_run(self._id).data.params
        new = [Param(name, str(value)[:LONGEST]) for name, value in run.settings.items() if name not in known]
        for first in range(0, len(new), MOST_PARAMS):
            self._client.log_batch(self._id, params=new[first : first + MOST_PARAMS])

    def marks(self) -> Marks:
        found: dict[str, int] = json.loads(self._client.get_run(self._id).data.tags.get(MARKS, "{}"))
        return found

    def send(self, points: Sequence[Point], marks: Marks) -> None:
        now_ms = time.time_ns() // 1_000_000
        metrics = [Metric(name, value, now_ms, p.env_steps) for p in points for name, value in p.values.items()]
        tags = [RunTag(MARKS, json.dumps(dict(marks)))]
        for first in range(0, len(metrics), MOST_METRICS):
            last = first + MOST_METRICS >= len(metrics)
            batch = metrics[first : first + MOST_METRICS]
            self._client.log_batch(self._id, metrics=batch, tags=tags if last else [])

    def close(self) -> None:
        self._client.set_terminated(self._id)
