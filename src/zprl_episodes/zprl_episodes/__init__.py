"""Episode management and operator prompts."""
