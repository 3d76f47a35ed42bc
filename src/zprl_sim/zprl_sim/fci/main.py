"""Serves the simulated FCI until Ctrl-C: `python -m zprl_sim.fci.main --task lift`."""

import argparse
import sys
import time

from zprl_sim.fci.hand import Hand
from zprl_sim.fci.simulator import FciSim
from zprl_sim.scene_settings import SceneSettings
from zprl_sim.tasks.catalog import task_names


def main(arguments: list[str] | None = None) -> int:
    """Runs the server and returns the exit status: 0 after Ctrl-C, 1 if the loop failed, 2 for a user error.

    User errors are a port that is in use, and a task with several arms.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", default="lift", choices=task_names())
    parser.add_argument("--hostname", default="127.0.0.1", help="any address 127.x.y.z")
    parser.add_argument("--lockstep", action="store_true", help="wait for the driver, for heavily loaded machines")
    parser.add_argument("--seed", type=int, default=0, help="seed of the objects' positions")
    hands = [hand.value for hand in Hand]
    parser.add_argument("--hand", default=Hand.HOMED.value, choices=hands, help="state of the hand, to test failures")
    options = parser.parse_args(arguments)
    try:
        task = SceneSettings(options.task).sim_task
        with FciSim(task, options.hostname, options.lockstep, seed=options.seed, hand=Hand(options.hand)) as sim:
            print(f"serving {options.task} at {options.hostname}; press Ctrl-C to stop", flush=True)
            while sim.running:
                time.sleep(0.2)
        return 1
    except KeyboardInterrupt:
        return 0
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(
            f"{error}; stop the program that uses them, or choose another address with --hostname 127.0.0.2",
            file=sys.stderr,
        )
        return 2


if __name__ == "__main__":
    sys.exit(main())
