"""`zprl stations`: lists the example stations."""

import sys
from dataclasses import dataclass
from pathlib import Path

from zprl_bringup.graph.paths import config_file
from zprl_bringup.graph.station import load_station
from zprl_cli.listing import print_table

HEADS = ("station", "task", "control rate", "chunk", "file")


@dataclass(frozen=True)
class Stations:
    """List the example stations: task, control rate [Hz], executed and predicted actions of a chunk, and file.

    Give a name to --station, or copy the file and change it for your robot.
    """

    def main(self) -> None:
        """Print the table; a station that cannot be loaded is reported on stderr, and the others are listed."""
        rows = []
        for path in station_files():
            try:
                station = load_station(path)
            except ValueError as error:
                print(f"zprl: {error}", file=sys.stderr)
                continue
            chunk = f"{station.chunk.n_action_steps} of {station.chunk.horizon}"
            rows.append((path.stem, station.task or "-", f"{station.control_rate:g}", chunk, str(path)))
        print_table(HEADS, rows)


def station_files() -> list[Path]:
    """Return the files of the example stations, by name."""
    return sorted(config_file("stations").glob("*.yaml"))
