"""The doors that files come through: checkpoints, records, journals, demonstrations, runs, weights on the shelf."""

import json
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st

from fuzz_target import Enter, FuzzTarget
from message_fuzz_targets import ACTORS, BASE, FITS, SOURCE, actor_bytes, learner, message, open_history, transition
from mutators import mutate, mutated_json, mutated_tensors, numbers, seeds, words
from zprl.checkpoints.checkpoint import arrays_of, load_base, save_base
from zprl.checkpoints.fingerprint import earlier_fingerprint_of
from zprl.checkpoints.learner_checkpoint import load_actor, load_counters, load_learner, save_learner
from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl.delivery import replay_log
from zprl.delivery.durable_learner import DurableLearner
from zprl.delivery.journal import Journal, JournalError
from zprl.delivery.segment import Stored, UpdateMark, add, begin
from zprl.delivery.transition_codec import renumbered
from zprl.models.base_policy import BasePolicy
from zprl.models.observation_batch import ObservationBatch
from zprl.training.demos import Demos
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.saved_run import load_options
from zprl_bringup.graph.spec import GraphError
from zprl_bringup.ros_launch.arguments import settings_from
from zprl_core.errors import CheckpointError, RecordError
from zprl_core.files import checksum_of
from zprl_policy.weight_manager import WeightManager
from zprl_policy.weight_store import WeightStore

Files = dict[str, bytes]


def files_in(folder: Path) -> Files:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def put(folder: Path, files: Files) -> Path:
    """Only these files are in the folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def mutated_folder(rng: Random, files: Files, repair: bool = True) -> Files:
    """One or two of the files bent or gone. With `repair`, most checksums are made right again: somebody meant it."""
    files = dict(files)
    for name in rng.sample(sorted(files), min(len(files), rng.choice((1, 1, 2)))):
        if rng.random() < 0.03:
            del files[name]
        else:
            files[name] = _mutated_file(rng, name, files[name])
    if repair and rng.random() < 0.8:
        _repair(files)
    return files


def _mutated_file(rng: Random, name: str, data: bytes) -> bytes:
    if name.endswith(".json"):
        if rng.random() < 0.3:
            return mutate(rng, [data])
        return mutated_json(rng, json.loads(data)).encode("utf-8", "surrogatepass")
    return mutated_tensors(rng, [data]) if name.endswith(".safetensors") else mutate(rng, [data])


def _repair(files: Files) -> None:
    """Checksums that fit what is there."""
    for name in [name for name in files if name.endswith("checkpoint.json")]:
        prefix = name.removesuffix("checkpoint.json")
        try:
            found = json.loads(files[name])
            for key in found["sha256"]:
                found["sha256"][key] = checksum_of(files[f"{prefix}{key}.safetensors"])
            files[name] = json.dumps(found).encode("utf-8", "surrogatepass")
        except (ValueError, LookupError, TypeError, RecursionError):
            continue


def _folder_target(
    name: str, make: Callable[[Path], None], use: Callable[[Path], Any], error: type[Exception]
) -> FuzzTarget:
    """A folder that `make` makes and `use` reads."""

    def open_(folder: Path) -> Enter:
        make(folder / "good")
        good = files_in(folder / "good")

        def enter(seed: bytes) -> bool:
            return bool(use(put(folder / "bad", mutated_folder(Random(seed), good))))

        return enter

    return FuzzTarget(name, 0.0, seeds, open_, (error,), least=2000)


def _make_base(folder: Path) -> None:
    torch.manual_seed(0)
    save_base(folder, BasePolicy(BASE))


def _use_base(folder: Path) -> None:
    base = load_base(folder)
    with torch.no_grad():
        batch = ObservationBatch(torch.zeros(1, base.config.observation.state_size))
        chunk = base.chunk(base.embed(batch).mu, torch.zeros(1, *base.chunk_shape))
    if not torch.isfinite(chunk).all():
        raise AssertionError("a base was taken that gives no numbers")


def _trained(folder: Path) -> None:
    """A learner after some updates, in `folder`, and the record that it learned from beside it."""
    durable = open_history(folder)
    durable.offer([message(k) for k in range(20)])
    for _ in range(12):
        durable.learner.update()
    durable.mark()
    durable.save()
    durable.offer([message(k) for k in range(20, 24)])
    durable.learner.update()
    durable.save()
    durable.close()


def _learning(folder: Path) -> Enter:
    _trained(folder / "good")
    good = files_in(folder / "good" / "actor" / "000002")
    one = learner()
    for k in range(8):
        one.add(transition(k))

    def enter(seed: bytes) -> bool:
        before = _state(one)
        try:
            load_learner(put(folder / "bad", mutated_folder(Random(seed), good)), one)
        except CheckpointError:
            if _state(one) != before:
                raise AssertionError("a checkpoint that was refused changed the learner") from None
            raise
        one.update()
        save_learner(folder / "again", one, 1)
        load_learner(put(folder / "bad", good), one)
        return False

    return enter


def _state(one: Any) -> str:
    modules = (one.sac.actor, one.sac.critics, one.sac.target)
    states = [(x.steps, x.exp_avg, x.exp_avg_sq) for x in (one.sac.actor_opt, one.sac.critic_opt)]
    rngs = (one.sac.rng.get_state().sum().item(), one.rng.bit_generator.state)
    return repr(
        (
            [earlier_fingerprint_of(arrays_of(m)) for m in modules],
            one.sac.log_alpha.item(),
            one.sac.updates,
            rngs,
            states,
        )
    )


def _use_actor(folder: Path) -> None:
    load_counters(folder)
    actor, scale, counters = load_actor(folder)
    if not (0 < scale < 1e300 and counters.actor_version >= 0):
        raise AssertionError(f"scale {scale}, {counters}")
    with torch.no_grad():
        actor.mode(torch.zeros(1, actor.shape.embedding_dim), torch.zeros(1, actor.shape.residual_dim))


def _make_actor(folder: Path) -> None:
    _trained(folder.parent / "trained")
    shutil.copytree(folder.parent / "trained" / "actor" / "000002", folder / "000002")


def _recording(folder: Path) -> Enter:
    """Read, then opened for writing: a file that was not closed is closed then. Often the file was left open."""
    _trained(folder / "good")
    whole = (folder / "good" / "record" / "000000.mcap").read_bytes()
    torn = whole[: whole.index(b"\x0f\x04\x00\x00\x00") if b"\x0f\x04\x00\x00\x00" in whole else -200]

    def enter(seed: bytes) -> bool:
        rng = Random(seed)
        place = put(folder / "bad", {})
        names = rng.sample(
            ["000000.mcap", "000001.mcap", "²³.mcap", "7.mcap", "000001.mcap.new"], rng.choice((1, 1, 2))
        )
        for name in names:
            (place / name).write_bytes(mutate(rng, [whole, torn, torn]))
        if rng.random() < 0.01:
            (place / "000003.mcap").mkdir()
        refused = 0
        for use in (_read_record, _write_record):
            try:
                use(place)
            except RecordError as error:
                refused, last = refused + 1, error
        if refused:
            raise last
        return False

    return enter


def _read_record(place: Path) -> None:
    for entry in replay_log.read(place):
        if isinstance(entry, Stored) and len(entry.data) > 1 << 20:
            raise AssertionError("an entry is larger than its file")


def _write_record(place: Path) -> None:
    writer = replay_log.ReplayLog(place)
    try:
        writer.write([UpdateMark(1), Stored(message(1))])
    finally:
        writer.close()
    _read_record(place)


def _returning(folder: Path) -> Enter:
    """A learner comes back to a damaged record and damaged checkpoints."""
    _trained(folder / "good")
    good = files_in(folder / "good")
    good = {name: data for name, data in good.items() if not name.endswith(".lock")}

    def enter(seed: bytes) -> bool:
        rng = Random(seed)
        files = mutated_folder(rng, good) if rng.random() < 0.5 else {**good, "record/000000.mcap": _marked(rng)}
        place = put(folder / "bad", files)
        durable = DurableLearner("run", learner(), place / "record", place / "actor", publish_every=2)
        try:
            if durable.learner.sac.updates > 10_000 or not 0 <= durable.actor_version < 1 << 50:
                raise AssertionError(f"a learner came back with {durable.learner.sac.updates} updates")
            durable.introduce(SOURCE, 24)
            durable.offer([message(durable.sequences.next(SOURCE))])
            durable.save()
        finally:
            durable.close()
        return False

    return enter


def _marked(rng: Random) -> bytes:
    """A record whose every checksum is right, and which says something absurd."""
    import io

    out = io.BytesIO()
    writer, channels = begin(out)
    for k in range(rng.choice((0, 5, 20))):
        add(writer, channels, Stored(mutate(rng, [message(k)]) if rng.random() < 0.05 else message(k)), k, k)
    add(writer, channels, UpdateMark(rng.choice((0, 1, 10, 10**6, 2**40, 2**63, 2**64 - 1))), 1, 1)
    writer.finish()
    return out.getvalue()


def _padded(size: int, k: int) -> bytes:
    return message(k) + bytes(size)


def _keeping(folder: Path) -> Enter:
    """A journal, with or without its log, is opened and used."""
    samples = []
    for count, size, forgotten, closed in ((0, 0, 0, True), (6, 0, 2, True), (40, 3000, 0, True), (9, 0, 3, False)):
        path = folder / f"{count}" / "journal.sqlite"
        journal = Journal(path)
        journal.append([partial(_padded, size)] * count)
        journal.forget(forgotten)
        if closed:
            journal.close()
        samples.append(files_in(path.parent))

    def enter(seed: bytes) -> bool:
        rng = Random(seed)
        place = put(folder / "bad", mutated_folder(rng, rng.choice(samples), repair=False))
        journal = Journal(place / "journal.sqlite")
        try:
            sizes = [len(data) for data in journal.read(journal.first, journal.next)]
            if len(sizes) != len(journal) or not 0 <= journal.first <= journal.next < 1 << 62:
                raise AssertionError(f"{len(sizes)} of {journal.first} to {journal.next}")
            journal.append([message, message])
            journal.forget(journal.next - 1)
            journal.renew(renumbered)
            if journal.size_bytes < 1 or len(journal) != 1:
                raise AssertionError("the journal is not what was written")
        finally:
            journal.close()
        return journal.set_aside is not None

    return enter


def _make_demos(folder: Path) -> None:
    rng = np.random.default_rng(0)
    observations, actions = rng.normal(size=(12, 11)).astype(np.float32), rng.uniform(-1, 1, (12, 5)).astype(np.float32)
    Demos(observations, actions, np.array([5, 12]), "lift", 0, BASE.observation).save(folder)


def _use_demos(folder: Path) -> None:
    demos = Demos.load(folder)
    if demos.observations.dtype != np.float32 or not isinstance(demos.task, str) or demos.episode_ends.min() < 1:
        raise AssertionError(f"demonstrations were taken that are none: {demos}")


def _make_run(folder: Path) -> None:
    folder.mkdir(parents=True)
    run = RunFolder(folder)
    run.open(RunOptions().saved, RunOptions().numbers)
    run.write("wall_s", {"demos": 1.5, "pretrain": 2.0})


def _use_run(folder: Path) -> None:
    run = RunFolder(folder)
    with run.timed("demos"):
        pass
    if not isinstance(run.name, str) or len(run.name.encode()) > 255:
        raise AssertionError(f"the run is called {run.name!r}")
    options = load_options(run)
    if not options.numbers["task"]:
        raise AssertionError("options without a task")
    run.open(options.saved, options.numbers)


def _shelving(folder: Path) -> Enter:
    good = {f"{number:09d}.safetensors": actor_bytes(number) for number in (1, 4, 8)}

    def enter(seed: bytes) -> bool:
        rng = Random(seed)
        files = mutated_folder(rng, good, repair=False)
        if rng.random() < 0.3:
            name = rng.choice(("²", "-1", "9" * 40, str(2**64 - 1), "7", "0000000000000000000000005"))
            files[f"{name}.safetensors"] = rng.choice(ACTORS)
        if rng.random() < 0.3:
            files["pinned"] = rng.choice((b"4", b"9" * 300, b"9" * 9000, b"-4", b"\xff", b"", "²".encode(), b"1e3"))
        place = put(folder / "bad", files)
        inbox = WeightManager(FITS, WeightStore(place))
        if not 0 <= inbox.newest < 1 << 50:
            raise AssertionError(f"the newest weights have number {inbox.newest}")
        data = pack_actor_of(20)
        inbox.offer(data, "run", 20, "base", checksum_of(data))
        inbox.roll_back(rng.choice((1, 4, 8, 20, 2**64 - 1)))
        return inbox.rejected > 0

    return enter


def pack_actor_of(number: int) -> bytes:
    return _PACKED.setdefault(number, actor_bytes(4))


_PACKED: dict[int, bytes] = {}

arguments = st.fixed_dictionaries(
    {
        "task": st.sampled_from(["lift", "lift", "peg_insert", ""]) | words,
        "lockstep": st.sampled_from(["true", "false", "maybe"]),
        "deployed": st.sampled_from(["true", "false", ""]),
        "cameras": st.sampled_from(["", "front", ",,", "front,wrist"]) | words,
        "robots": st.sampled_from(["1", "2", "0", "-1", "1e3", "99999999999999999999", "1" * 5000, "²"]) | words,
        "seed": st.one_of(st.just("0"), numbers.map(str), words),
    },
    optional={
        "base": st.just("base") | words,
        "actor": words,
        "mode": st.sampled_from(["evaluate", "base", "hold", "finetune", "EVALUATE", "x"]) | words,
        "preset": st.sampled_from(["cpu", "fast", "slow"]) | words,
        "steer": st.sampled_from(["latent", "noise", "sideways"]) | words,
        "resume": st.sampled_from(["", "~nobody-of-that-name/run", "/dev/null", "/"]) | words,
        "run_folder": st.sampled_from(["runs/x", "~nobody-of-that-name", "/", ".", "x" * 5000]) | words,
        "time_limit_s": st.sampled_from(["0", "nan", "inf", "-1", "1e400"]) | words,
        "max_update_debt": numbers.map(str) | words,
        "max_episodes": numbers.map(str) | words,
    },
)


def _launching(folder: Path) -> Enter:
    def enter(given: dict[str, str]) -> bool:
        options = settings_from(given).options
        if not (0 <= options.time_limit_s < 1e12 and 0 <= options.seed < 2**31 and 1 <= options.robots < 10_000):
            raise AssertionError(f"options were taken that are none: {options}")
        return False

    return enter


def with_name(targets: Sequence[FuzzTarget], name: str) -> FuzzTarget:
    return next(target for target in targets if target.name == name)


FILE_TARGETS = (
    _folder_target("base folder", _make_base, _use_base, CheckpointError),
    FuzzTarget("learner's checkpoint", 0.0, seeds, _learning, (CheckpointError,), least=2000),
    _folder_target("actor folder", _make_actor, _use_actor, CheckpointError),
    FuzzTarget("record (MCAP)", 0.0, seeds, _recording, (RecordError,), least=2000),
    FuzzTarget("run of a learner", 0.0, seeds, _returning, (RecordError, CheckpointError), least=2000),
    FuzzTarget("journal (SQLite)", 0.0, seeds, _keeping, (JournalError,), least=2000),
    _folder_target("demonstrations", _make_demos, _use_demos, CheckpointError),
    _folder_target("run folder", _make_run, _use_run, RunError),
    FuzzTarget("shelf of weights", 0.0, seeds, _shelving, (ValueError, CheckpointError), least=2000),
    FuzzTarget("launch arguments", 0.0, arguments, _launching, (GraphError,), least=2000),
)
