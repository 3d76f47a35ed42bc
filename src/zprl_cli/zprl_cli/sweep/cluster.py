"""Runs the commands of a sweep as tasks of Ray. No other module imports Ray."""

import importlib.util
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from zprl.checkpoints.run_folder import RunError
from zprl_cli.sweep.token import Token
from zprl_cli.sweep.work import END_S, Outcome, Work, perform

OBJECT_STORE_BYTES = 80 << 20  # the least that Ray accepts is 75 MiB; outcomes of a few hundred bytes pass through it
RETRIES = 3  # of a command whose worker died, for example with its machine; the run resumes
CHECK_S, REACH_S = 120.0, 5.0
ENDING_S = END_S + 10.0
SURROUNDINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing is sent to Ray's makers
    "RAY_worker_niceness": "0",  # 15 otherwise, and then interim evaluations, at 19, take a third of a run's core
}


def check_ray() -> None:
    """Raises RunError where Ray is not installed."""
    if importlib.util.find_spec("ray") is None:
        raise RunError(
            "zprl sweep needs Ray, which is not installed; pip install -r requirements-sweep.txt -c constraints.txt"
        )


def check_reachable(address: str | None) -> None:
    """Raises RunError unless a program listens at HOST:PORT or ray://HOST:PORT. Ray would try for several minutes."""
    host, colon, port = (address or "").removeprefix("ray://").rpartition(":")
    if not colon:  # auto, or a cluster of its own
        return
    try:
        socket.create_connection((host, int(port)), REACH_S).close()
    except (OSError, ValueError, OverflowError) as error:
        raise RunError(
            f"no Ray cluster answers at {address} ({error}); start one with ray start --head, which prints its address"
        ) from None


class Cluster:
    """Starts commands on a cluster, and waits for their outcomes."""

    def __init__(self) -> None:
        self._works: dict[Any, Work] = {}  # by their object reference, until their outcome was returned

    def check(self, token: Token, cores_per_run: int, gpus: float) -> None:
        """Raises RunError unless one machine has enough cores, one enough GPUs, and the former see the runs folder."""
        import ray
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        nodes = {node["NodeID"]: node["Resources"] for node in ray.nodes() if node["Alive"]}
        for flag, name, wanted in (("cores-per-run", "CPU", cores_per_run), ("gpus-per-base", "GPU", gpus)):
            most = max((resources.get(name, 0) for resources in nodes.values()), default=0)
            if most < wanted:
                raise RunError(f"--{flag} is {wanted:g}, but no machine of the cluster has more than {most:g}")
        answers = [
            ray.remote(Token.trouble)
            .options(num_cpus=0, scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=False))
            .remote(token)
            for node, resources in nodes.items()
            if resources.get("CPU", 0) >= cores_per_run
        ]
        try:
            troubles = [trouble for trouble in ray.get(answers, timeout=CHECK_S) if trouble]
        except ray.exceptions.RayError as error:
            raise RunError(
                f"a machine of the cluster cannot run zprl ({_reason(error)}); start Ray there in a shell in which "
                "zprl works (source setup.bash), with the same versions of Python and Ray"
            ) from None
        if troubles:
            raise RunError("\nzprl: ".join(troubles))

    def start(self, work: Work, *needed: Any) -> Any:
        """Queue a command, which waits for the outcomes of those that it needs. Returns its handle."""
        import ray

        task = ray.remote(perform).options(
            name=work.name, num_cpus=work.cores, num_gpus=work.gpus, max_retries=RETRIES, retry_exceptions=False
        )
        handle = task.remote(work, *needed)
        self._works[handle] = work
        return handle

    def next_outcome(self, timeout_s: float) -> Outcome | None:
        """Return the outcome of a command that has ended; None if none ends in time."""
        import ray

        ready, _ = ray.wait(list(self._works), timeout=timeout_s)
        if not ready:
            return None
        work = self._works.pop(ready[0])
        try:
            outcome = ray.get(ready[0])
            assert isinstance(outcome, Outcome)
            return outcome
        except ray.exceptions.RayError as error:
            return Outcome(work.name, 0.0, _reason(error))

    def cancel(self) -> None:
        """End all commands: those that run get SIGINT, so that their runs keep a checkpoint."""
        import ray

        for handle in reversed(self._works):  # those that wait first, so that none of them starts
            ray.cancel(handle)
        if self._works:
            ray.wait(list(self._works), num_returns=len(self._works), timeout=ENDING_S)


@contextmanager
def connected(address: str | None, cores: int | None) -> Iterator[Cluster]:
    """Start a local cluster, or connect to one, until the block ends. Raises RunError.

    `cores`: of a local cluster; None: all of this machine.
    """
    check_reachable(address)
    if address and _has_token():  # Ray uses it by itself for a cluster of its own only
        os.environ.setdefault("RAY_AUTH_MODE", "token")
    for name, value in SURROUNDINGS.items():
        os.environ.setdefault(name, value)
    import ray

    handler = signal.getsignal(signal.SIGTERM)
    quiet = {"log_to_driver": False, "logging_level": "ERROR"}
    local = {"num_cpus": cores, "include_dashboard": False, "object_store_memory": OBJECT_STORE_BYTES}
    try:
        ray.init(address=address or "local", **quiet, **({} if address else local))
    except (ConnectionError, RuntimeError, ValueError) as error:
        if not address:
            raise RunError(f"a local Ray cluster does not start: {_reason(error)}") from None
        raise RunError(
            f"cannot use the Ray cluster at {address}: {_reason(error)}; check that it runs, has the same versions of "
            "Ray and Python, and that its token, if it has one, is in ~/.ray/auth_token here"
        ) from None
    signal.signal(signal.SIGTERM, handler)  # Ray's would end this program without the cancellation
    try:
        yield Cluster()
    finally:
        ray.shutdown()


def _has_token() -> bool:
    named = any(os.environ.get(name) for name in ("RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"))
    return named or (Path.home() / ".ray" / "auth_token").exists()


def _reason(error: BaseException) -> str:
    """Return the last line of an error of Ray, which is that of its cause."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
