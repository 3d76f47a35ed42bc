"""Pictures of what a policy plans and an arm does, for rviz and Foxglove."""
