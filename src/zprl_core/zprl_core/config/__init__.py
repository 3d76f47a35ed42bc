"""Dataclasses as flat parameters, checked types, overrides and YAML files."""
