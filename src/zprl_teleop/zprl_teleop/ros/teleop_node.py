"""The teleoperation node publishes the input of a device as zprl_msgs/Teleop and calls services."""

import math
import time
from dataclasses import replace

from sensor_msgs.msg import Joy
from std_msgs.msg import String

from zprl_core.arm_mode import ArmMode
from zprl_core.episode_event import EpisodeEventKind
from zprl_core.errors import USER_ERROR
from zprl_core.host.own_graph import own_graph
from zprl_core.ros import parameters, topics
from zprl_core.ros.managed_node import ManagedNode, run
from zprl_msgs.msg import ArmStatus, EpisodeEvent, SuccessDetection, Teleop
from zprl_teleop.device import DeviceRefused, ReconnectingDevice, TeleopDevice
from zprl_teleop.devices.joystick import JoyTopic
from zprl_teleop.devices.keyboard import Keyboard
from zprl_teleop.devices.leader import Led
from zprl_teleop.devices.linux import DeviceFile, JoystickReader, SpaceMouseReader, find_gamepad, find_spacemouse
from zprl_teleop.devices.screen import View
from zprl_teleop.devices.terminal import Terminal
from zprl_teleop.ros.leader_topics import leader_of
from zprl_teleop.ros.service_calls import ServiceCalls
from zprl_teleop.teleop_command import DeviceKind, TeleopCommand, TeleopSettings, along, speeds

PERIOD_S = 0.05
REDRAW_S = 1.0  # clears log lines of others from the screen


class TeleopNode(ManagedNode):
    """On each tick: read the device, publish its state, call the services of its buttons."""

    def __init__(self) -> None:
        super().__init__("teleop")
        parameters.declare(self, TeleopSettings())
        self._device: ReconnectingDevice | None = None
        self._alive = False  # the last message came from a connected device
        self._refused = ""  # why the node must end

    def configure(self) -> None:
        s = self.settings = parameters.read(self, TeleopSettings, TeleopSettings())
        self._view = View(s.frame, s.linear, s.angular, device=s.device.value, demonstrations=s.demonstrations)
        self._command = TeleopCommand()
        self._told = ""
        self._redraw_s = 0.0
        keys = s.device == DeviceKind.KEYBOARD or s.device.leads
        enable_s = math.inf if s.device.leads else s.enable_s
        self._terminal = Terminal(lambda: Keyboard(s.key_s, enable_s)) if keys or s.screen else None
        self._beside = None if keys else self._terminal  # whose keys only call services
        self._device = ReconnectingDevice(self._open_device(), s.look_s)
        self._teleop = topics.TELEOP.publisher(self)
        self._calls = ServiceCalls(self, self._log)
        topics.ARM_STATUS.subscribe(self, self._on_arm)
        topics.OPERATOR_PROMPT.subscribe(self, self._on_prompt)
        topics.EPISODE_EVENT.subscribe(self, self._on_event)
        topics.SUCCESS.subscribe(self, self._on_success)
        if self._beside is not None:
            self._beside.open()
        elif keys:
            self._device.read(time.monotonic())  # a missing terminal ends the node here
        self.create_timer(PERIOD_S, self._tick, clock=self.wall)

    def idle(self) -> None:
        self._rest()

    def close(self) -> None:
        if self._device is None:
            return
        self._rest()
        self._device.close()
        if self._beside is not None:
            self._beside.close()
        self._device = None

    def step(self) -> None:
        """End the node outside of callbacks, so that the exit code is kept."""
        if self._refused:
            self.get_logger().fatal(self._refused)
            raise SystemExit(USER_ERROR)

    def _open_device(self) -> TeleopDevice:
        """Open the device that moves the arm."""
        s = self.settings
        if s.device == DeviceKind.KEYBOARD:
            assert self._terminal is not None
            return self._terminal
        if s.device.leads:
            assert self._terminal is not None
            return Led(leader_of(self, s), self._terminal)
        if s.direct and s.device == DeviceKind.GAMEPAD:
            return DeviceFile(lambda: find_gamepad(s.path), JoystickReader, s.layout, s.feel)
        if s.direct:
            return DeviceFile(lambda: find_spacemouse(s.path), SpaceMouseReader, s.layout, s.feel)
        if s.device == DeviceKind.GAMEPAD:
            remedy = "plug it in, start joy's joy_node, or set direct:=true"
            joy = JoyTopic(topics.JOY.name, remedy, s.layout, s.feel, s.silence_s)
            topics.JOY.subscribe(self, lambda m: _push(joy, m))
        else:
            remedy = "plug it in, start spacenav, or set direct:=true"
            joy = JoyTopic(topics.SPACENAV_JOY.name, remedy, s.layout, s.feel, s.silence_s)
            topics.SPACENAV_JOY.subscribe(self, lambda m: _push(joy, m))
        return joy

    def _tick(self) -> None:
        if self._device is None or not self.active or self._refused:
            self._rest()
            return
        now = time.monotonic()
        try:
            command = self._device.read(now)
            keys = () if self._beside is None else self._beside.read(now).events
        except DeviceRefused as refused:
            self._refused = str(refused)
            return
        if command is None:
            self._rest()
        else:
            self._publish(along(command, self.settings.axes))
        for event in (*(command.events if command is not None else ()), *keys):
            self._calls.call(event, now)
        self._complain()
        self._calls.poll(now)
        self._draw(now)

    def _rest(self) -> None:
        """Publish once that the device is at rest."""
        if self._alive:
            self._publish(TeleopCommand())
            self._alive = False

    def _publish(self, command: TeleopCommand) -> None:
        self._command, self._alive = command, True
        s = self.settings
        message = Teleop(
            graph=own_graph(),
            device=s.device.value,
            gripper=command.gripper,
            enabled=command.enabled,
            touched=command.touched,
        )
        message.header.stamp = self.get_clock().now().to_msg()
        message.header.frame_id = s.frame
        twist, speed = message.twist, speeds(command, s.linear, s.angular)
        twist.linear.x, twist.linear.y, twist.linear.z = speed[:3]
        twist.angular.x, twist.angular.y, twist.angular.z = speed[3:]
        self._teleop.publish(message)

    def _draw(self, now: float) -> None:
        if self._terminal is None:
            return
        again = now > self._redraw_s
        if again:
            self._redraw_s = now + REDRAW_S
        shown = replace(self._command, note=self._trouble())
        lines = self._view.lines(shown, speeds(self._command, self.settings.linear, self.settings.angular))
        self._terminal.draw(lines, again)

    def _complain(self) -> None:
        """Log the device's problem when it changes."""
        problem = self._trouble()
        if problem == self._told:
            return
        self._told = problem
        if self._terminal is None and problem:
            self.get_logger().warning(problem)
        elif self._terminal is None:
            self.get_logger().info(f"the {self.settings.device.value} is connected")

    def _trouble(self) -> str:
        if self._device is None:
            return "not configured"
        return self._device.problem or self._command.note

    def _log(self, line: str) -> None:
        if self._terminal is not None:
            self._view.log(line, time.strftime("%H:%M:%S"))
        else:
            self.get_logger().info(line)

    def _on_arm(self, m: ArmStatus) -> None:
        mode = ArmMode(m.mode).name if m.mode in set(ArmMode) else str(m.mode)
        by = f"follows {m.source}" if m.source else ""
        self._view.arm = "  ".join(filter(None, (f"{mode:<9}", by, m.reason)))

    def _on_event(self, m: EpisodeEvent) -> None:
        self._view.running = m.kind == EpisodeEvent.STARTED
        if not self._view.running and m.kind in set(EpisodeEventKind):
            self._view.ended[EpisodeEventKind(m.kind).name.lower()] += 1

    def _on_success(self, m: SuccessDetection) -> None:
        self._view.detected = m.success

    def _on_prompt(self, m: String) -> None:
        self._view.prompt = m.data

    def health(self) -> tuple[str, dict[str, object]]:
        return self._trouble(), {
            "device": self.settings.device.value if self._device else "none",
            "there": bool(self._device and not self._device.problem),
            "enabled": self._command.enabled if self._device else False,
            "touched": self._command.touched if self._device else False,
            "losses": self._device.losses if self._device else 0,
        }


def _push(joy: JoyTopic, m: Joy) -> None:
    joy.push(m.axes, m.buttons, time.monotonic())


def main() -> None:
    """Entry point."""
    run(TeleopNode)


if __name__ == "__main__":
    main()
