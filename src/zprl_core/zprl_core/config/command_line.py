"""Command-line flags for settings dataclasses, with the fields' descriptions and ranges as help."""

import dataclasses
from typing import Any

from tyro.constructors import (
    MISSING,
    MISSING_NONPROP,
    ConstructorRegistry,
    StructConstructorSpec,
    StructFieldSpec,
    StructTypeInfo,
)

from zprl_core.config.metadata import description, fields_of


def described_fields() -> ConstructorRegistry:
    """Returns the registry for `tyro.cli` that shows each field's description and range as its help."""
    registry = ConstructorRegistry()
    registry.struct_rule(_described)
    return registry


def _described(info: StructTypeInfo) -> StructConstructorSpec | None:
    """Tells tyro how to build a dataclass with annotated fields; None leaves the type to tyro."""
    if not dataclasses.is_dataclass(info.type):
        return None
    hints = fields_of(info.type)
    if not any(description(hint).text for hint in hints.values()):
        return None
    fields = [
        StructFieldSpec(field.name, hints[field.name], _default(field, info.default), _help(hints[field.name]))
        for field in dataclasses.fields(info.type)
        if field.init
    ]
    return StructConstructorSpec(instantiate=info.type, fields=tuple(fields))


def _default(field: dataclasses.Field[Any], whole: Any) -> Any:
    """Returns the field's value in `whole` if that is given, otherwise the field's own default."""
    if dataclasses.is_dataclass(whole):
        return getattr(whole, field.name)
    if whole is MISSING:
        return MISSING
    if field.default is not dataclasses.MISSING:
        return field.default
    return MISSING_NONPROP if field.default_factory is dataclasses.MISSING else field.default_factory()


def _help(hint: Any) -> str:
    found = description(hint)
    return f"{found.text}, within {found.range}" if found.range else found.text
