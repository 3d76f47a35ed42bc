"""Compares runs: a row of settings and success rates for each, and their curves in one plot."""

from collections.abc import Sequence
from dataclasses import dataclass

from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl.training.statistics import SuccessRate
from zprl_cli.evaluation_conditions import played_base

HEADS = ("run", "steer", "preset", "seed", "base", "finetuned", "control steps")


@dataclass(frozen=True)
class Row:
    """One run of a comparison. A policy that was not evaluated is None."""

    name: str
    task: str
    steer: str
    preset: str
    seed: int
    base: SuccessRate | None
    finetuned: SuccessRate | None
    env_steps: int  # after which the finetuned policy was evaluated; 0 without one

    @property
    def cells(self) -> tuple[str, ...]:
        """The row's texts, as in HEADS."""
        steps = f"{self.env_steps:,}" if self.env_steps else "-"
        return self.name, self.steer, self.preset, str(self.seed), _cell(self.base), _cell(self.finetuned), steps


def read_row(folder: RunFolder, env_steps: int) -> Row:
    """Read the row of a run that has stored `env_steps` control steps. Raises RunError when it is damaged."""
    settings = (folder.read("config") or {}).get("settings")
    try:
        if not isinstance(settings, dict):
            raise ValueError("config.json has no settings")
        steer, finetuned = str(settings["steer"]), _rate(folder, "finetuned")
        return Row(
            name=folder.path.name,
            task=str(settings.get("env") or settings["task"]),
            steer=steer,
            preset=str(settings["preset"]),
            seed=int(settings["seed"]),
            base=_rate(folder, "base", steer),
            finetuned=finetuned,
            env_steps=env_steps if finetuned else 0,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(f"{folder.path} cannot be compared ({error!r}); restore its JSON files") from None


def notes(rows: Sequence[Row]) -> list[str]:
    """Return what a reader of the table must know: other tasks, and policies that were not evaluated."""
    found = []
    if len({row.task for row in rows}) > 1:
        found.append("the runs have different tasks: " + ", ".join(f"{row.name} {row.task}" for row in rows))
    found += [f"{r.name} has no evaluation of its base; zprl evaluate {r.name} --base" for r in rows if not r.base]
    return found + [
        f"{r.name} has no evaluation of a finetuned policy; zprl finetune makes it" for r in rows if not r.finetuned
    ]


def text_table(rows: Sequence[Row]) -> str:
    """Format the rows as a Markdown table, aligned for a terminal."""
    lines = [HEADS, *(row.cells for row in rows)]
    widths = [max(len(line[k]) for line in lines) for k in range(len(HEADS))]
    ruled = [lines[0], tuple("-" * width for width in widths), *lines[1:]]
    return "\n".join("| " + " | ".join(t.ljust(w) for t, w in zip(line, widths, strict=True)) + " |" for line in ruled)


def _rate(folder: RunFolder, policy: str, steer: str = "") -> SuccessRate | None:
    found = folder.read(f"evaluation_{policy}")
    if found is None or not played_base(found, steer):
        return None
    return SuccessRate(int(found["successes"]), int(found["episodes"]))


def _cell(rate: SuccessRate | None) -> str:
    if rate is None:
        return "-"
    low, high = rate.interval()
    return f"{100 * rate.rate:.1f} % ({100 * low:.1f} to {100 * high:.1f})"
