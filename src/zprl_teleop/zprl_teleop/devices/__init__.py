"""The input devices: keyboard, terminal, gamepad, SpaceMouse."""
