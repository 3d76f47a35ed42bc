"""Serve the simulated FCI until Ctrl-C: `python -m zprl_sim.fci.main --task lift`."""

import argparse
import sys
import time

from zprl_sim.fci.simulator import FciSim
from zprl_sim.tasks.catalog import task_named, task_names


def main(arguments: list[str] | None = None) -> int:
    """The exit status: 0 after Ctrl-C, 1 when the loop failed, 2 when a port is taken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", default="lift", choices=task_names())
    parser.add_argument("--hostname", default="127.0.0.1", help="any address 127.x.y.z")
    parser.add_argument("--lockstep", action="store_true", help="wait for the driver: for loaded machines")
    parser.add_argument("--seed", type=int, default=0, help="of the objects' places")
    asked = parser.parse_args(arguments)
    try:
        with FciSim(task_named(asked.task), asked.hostname, asked.lockstep, seed=asked.seed) as sim:
            print(f"serving {asked.task} at {asked.hostname}; Ctrl-C ends it", flush=True)
            while sim.running:
                time.sleep(0.2)
        return 1
    except KeyboardInterrupt:
        return 0
    except OSError as error:
        print(f"{error}: end what serves there, or name another with --hostname 127.0.0.2", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
