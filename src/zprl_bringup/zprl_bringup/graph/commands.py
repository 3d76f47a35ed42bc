"""The commands and launch files, and which of them offer an option together."""

from enum import Enum

from zprl_core.config.metadata import OfferedBy


class Command(Enum):
    """A command or launch file that offers options."""

    JOB = "zprl finetune"
    DEMOS = "zprl demos"
    PRETRAIN = "zprl pretrain"
    TELEOP = "zprl teleop"
    UP = "zprl up"
    PLAY = "zprl bags play"
    COMPARE = "zprl compare"
    DOCTOR = "zprl doctor"
    VIEW = "ros2 launch zprl_bringup view.launch.py"
    SIM = "ros2 launch zprl_bringup sim.launch.py"
    EVALUATE = "ros2 launch zprl_bringup evaluate.launch.py"
    FINETUNE = "ros2 launch zprl_bringup finetune.launch.py"


JOB = OfferedBy(Command.JOB)
RECORDED = OfferedBy(Command.JOB, Command.DEMOS, Command.PRETRAIN)  # commands that record demonstrations
PRETRAINED = OfferedBy(Command.JOB, Command.PRETRAIN)  # commands that make a base
PLAYED = OfferedBy(Command.EVALUATE, Command.FINETUNE)  # graphs with policy and episode nodes
BAGGED = OfferedBy(Command.UP, Command.TELEOP, Command.COMPARE, *PLAYED.commands)  # graphs that record bags
LAUNCHED = OfferedBy(Command.SIM, Command.EVALUATE, Command.FINETUNE)
GRAPH = OfferedBy(Command.UP, *LAUNCHED.commands)
DRIVEN = OfferedBy(Command.TELEOP, Command.PLAY, Command.COMPARE, *GRAPH.commands)  # commands that move a robot
CHECKED = OfferedBy(Command.DOCTOR, Command.VIEW, *DRIVEN.commands)
SEEN = OfferedBy(Command.VIEW, *GRAPH.commands)
SHARED = OfferedBy(Command.UP, Command.FINETUNE)  # graphs whose learner may be on another machine
RATED = OfferedBy(Command.JOB, Command.FINETUNE)  # commands with a learner
LEARNED = OfferedBy(*JOB.commands, *PLAYED.commands)
RUN = OfferedBy(*JOB.commands, *GRAPH.commands)
ALL = OfferedBy(*RECORDED.commands, *GRAPH.commands)
