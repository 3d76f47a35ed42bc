"""The processes that pretrain together, from flags and environment."""

import pytest

from zprl.training.workers import LOCALHOST, Workers, workers_from

NODE = {"MASTER_ADDR": "10.0.0.1", "MASTER_PORT": "29500", "NODE_RANK": "1"}
TORCHRUN = {
    "TORCHELASTIC_RUN_ID": "none", "WORLD_SIZE": "4", "LOCAL_WORLD_SIZE": "2", "GROUP_RANK": "1", "LOCAL_RANK": "1",
    "MASTER_ADDR": "10.0.0.1", "MASTER_PORT": "29500",
}  # fmt: skip


def test_one_machine_does_not_heed_the_variables_of_several() -> None:
    assert workers_from(2, 1, NODE) == Workers(2) == Workers(2, 1, 0, LOCALHOST, 0, None)
    assert workers_from(None, 1, {}).alone and workers_from(2, 1, {}).leads


@pytest.mark.parametrize("rank", [0, 1])
def test_the_first_of_several_machines_keeps_the_result(rank: int) -> None:
    found = workers_from(4, 2, {**NODE, "NODE_RANK": str(rank)})
    assert found == Workers(4, 2, rank, "10.0.0.1", 29500)
    assert found.leads == (rank == 0) and not found.alone


@pytest.mark.parametrize(("group", "local"), [("0", "0"), ("0", "1"), ("1", "0"), ("1", "1")])
def test_torchrun_names_its_processes_and_the_first_keeps_the_result(group: str, local: str) -> None:
    found = workers_from(None, 1, {**TORCHRUN, "GROUP_RANK": group, "LOCAL_RANK": local})
    assert found == Workers(2, 2, int(group), "10.0.0.1", 29500, int(local))
    assert found.leads == ((group, local) == ("0", "0")) and not found.alone


def test_one_process_of_torchrun_starts_its_own() -> None:
    env = {**TORCHRUN, "WORLD_SIZE": "1", "LOCAL_WORLD_SIZE": "1", "GROUP_RANK": "0", "LOCAL_RANK": "0"}
    assert workers_from(2, 1, env) == Workers(2)


@pytest.mark.parametrize(
    ("devices", "nodes", "env", "words"),
    [
        (0, 1, {}, "devices and nodes must be at least 1, got 0 and 1"),
        (1, 2, {}, "--nodes 2 needs MASTER_ADDR, MASTER_PORT, NODE_RANK in the environment"),
        (1, 2, {**NODE, "MASTER_PORT": ""}, "needs MASTER_PORT in the environment"),
        (1, 2, {**NODE, "MASTER_PORT": "ssh"}, "MASTER_PORT must be a whole number, got 'ssh'"),
        (1, 2, {**NODE, "NODE_RANK": "-1"}, "NODE_RANK must be a whole number"),
        (1, 2, {**NODE, "NODE_RANK": "2"}, "NODE_RANK is 2, but 2 machines have the numbers 0 to 1"),
        (None, 2, NODE, "--nodes needs --devices, the same number on every machine"),
        (4, 1, TORCHRUN, "torchrun started 2 processes on each of 2 machines; remove --devices and --nodes"),
        (None, 3, TORCHRUN, "torchrun started 2 processes on each of 2 machines"),
    ],
)
def test_what_cannot_be_is_refused(devices: int | None, nodes: int, env: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        workers_from(devices, nodes, env)
