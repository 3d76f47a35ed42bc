"""The panel's widgets. They show a PanelState and say what was pressed; none of them knows ROS."""
