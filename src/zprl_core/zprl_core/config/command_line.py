"""Settings dataclasses as flags: tyro with the descriptions and ranges of the fields as help."""

import dataclasses
from enum import Enum
from typing import Annotated, Any, get_args, get_origin

from tyro import conf
from tyro.constructors import (
    MISSING,
    MISSING_NONPROP,
    ConstructorRegistry,
    StructConstructorSpec,
    StructFieldSpec,
    StructTypeInfo,
)

from zprl_core.config.metadata import description, fields_of, offered_by


@dataclasses.dataclass(frozen=True)
class Embedded:
    """Annotates a field that holds a dataclass of options: those that `command` offers are flags of the whole.

    `renamed`: option and flag, where the flag has another name. `without`: options that are no flags here. The field
    needs a default.
    """

    command: Enum
    renamed: tuple[tuple[str, str], ...] = ()
    without: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Flag:
    """One flag: a field of the command, or of the options embedded in it."""

    name: str
    hint: Any  # annotated type
    default: Any
    field: str
    option: str = ""  # of the options in `field`; "": the flag is the field itself


def described_fields() -> ConstructorRegistry:
    """Returns the registry for `tyro.cli` that shows each field's description and range as its help."""
    registry = ConstructorRegistry()
    registry.struct_rule(_described)
    return registry


def flags_of(kind: type, whole: Any = MISSING_NONPROP) -> list[Flag]:
    """The flags of a command, in the order of its fields. `whole`: an instance that has the defaults."""
    flags = []
    hints = fields_of(kind)
    for field in dataclasses.fields(kind):
        if not field.init:
            continue
        hint, default = hints[field.name], _default(field, whole)
        embedded = _embedded(hint)
        if embedded is None:
            flags.append(Flag(field.name, hint, default, field.name))
            continue
        renamed = dict(embedded.renamed)
        flags += [
            Flag(renamed.get(option, option), inner, getattr(default, option), field.name, option)
            for option, inner in offered_by(type(default), embedded.command).items()
            if option not in embedded.without
        ]
    return flags


def _embedded(hint: Any) -> Embedded | None:
    return next((extra for extra in get_args(hint)[1:] if isinstance(extra, Embedded)), None)


def _described(info: StructTypeInfo) -> StructConstructorSpec | None:
    """Describe to tyro how to make a dataclass whose fields are annotated; None leaves a type to tyro."""
    if not dataclasses.is_dataclass(info.type):
        return None
    flags = flags_of(info.type, info.default)
    if not any(description(flag.hint).text for flag in flags):
        return None
    fields = [StructFieldSpec(flag.name, _shown(flag), flag.default, _help(flag.hint)) for flag in flags]

    def make(**given: Any) -> Any:
        return _made(info.type, info.default, flags, given)

    make.__doc__ = info.type.__doc__
    return StructConstructorSpec(instantiate=make, fields=tuple(fields))


def _made(kind: Any, whole: Any, flags: list[Flag], given: dict[str, Any]) -> Any:
    """The command of the flags' values. Its embedded options that are no flags keep their default."""
    values = {flag.field: given[flag.name] for flag in flags if not flag.option}
    for field in dataclasses.fields(kind):
        options = {flag.option: given[flag.name] for flag in flags if flag.field == field.name and flag.option}
        if options:
            values[field.name] = dataclasses.replace(_default(field, whole), **options)
    return kind(**values)


def _default(field: dataclasses.Field[Any], whole: Any) -> Any:
    """Returns the field's value in `whole` if that is given, otherwise the field's own default."""
    if dataclasses.is_dataclass(whole):
        return getattr(whole, field.name)
    if whole is MISSING:
        return MISSING
    if field.default is not dataclasses.MISSING:
        return field.default
    return MISSING_NONPROP if field.default_factory is dataclasses.MISSING else field.default_factory()


def _shown(flag: Flag) -> Any:
    """The type of a flag for tyro, which would show {None} and (default: None) where there is no value."""
    if flag.default is MISSING_NONPROP and get_origin(get_args(flag.hint)[0]) is tuple:
        return Annotated[flag.hint, conf.arg(help_behavior_hint="(required)")]
    if flag.default not in (None, "", ()):
        return Annotated[flag.hint, conf.arg(metavar=_metavar(flag.hint))]
    hint = "" if "default" in description(flag.hint).text else "(optional)"
    return Annotated[flag.hint, conf.arg(help_behavior_hint=hint, metavar=_metavar(flag.hint))]


def _metavar(hint: Any) -> str | None:
    """The values of an optional flag; None leaves them to tyro."""
    inner = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    kinds = [kind for kind in get_args(inner) if kind is not type(None)]
    if type(None) not in get_args(inner) or not all(isinstance(kind, type) for kind in kinds):
        return None
    return "|".join(_values(kind) for kind in kinds)


def _values(kind: type) -> str:
    if issubclass(kind, Enum):
        return "{" + ",".join(str(member.value) for member in kind) + "}"
    return kind.__name__.upper()


def _help(hint: Any) -> str:
    found = description(hint)
    return f"{found.text}, within {found.range}" if found.range else found.text
