"""Settings dataclasses: flat parameters, type checks, overrides and YAML files."""
