"""A node of a tool, in the tool's own process, that looks at a graph or asks it something."""

import time
from types import TracebackType

from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node


class HiddenNode:
    """The node with a context and an executor of its own; use it with `with`, or close it.

    Lists of nodes leave its name out, because it starts with an underscore. It needs no HOME, as it writes no log file,
    and it leaves signals to its program: rclpy's own handler would end it before the program is done.
    """

    def __init__(self, name: str, domain: int, enclave: str):
        """`enclave`: the node's rights in a secured graph, such as /monitor."""
        self.context = Context()
        self.context.init(["--ros-args", "--disable-external-lib-logs", "--enclave", enclave], domain_id=domain)
        self.node = Node(f"_{name}", context=self.context, enable_rosout=False, start_parameter_services=False)
        self.executor = SingleThreadedExecutor(context=self.context)
        self.executor.add_node(self.node)

    def __enter__(self) -> "HiddenNode":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave the graph."""
        self.executor.shutdown()
        self.node.destroy_node()
        self.context.shutdown()

    def spin(self, duration_s: float) -> None:
        """Handle what arrives for `duration_s`."""
        end = time.monotonic() + duration_s
        while (left := end - time.monotonic()) > 0:
            self.executor.spin_once(timeout_sec=left)
