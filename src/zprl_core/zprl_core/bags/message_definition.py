"""The definition of a ROS message with all of its parts, as a bag stores it, and its type hash."""

import json
import re
from functools import cache
from pathlib import Path

from ament_index_python.packages import get_package_share_directory

BAR = "=" * 80
FIELD = re.compile(r"^\s*([A-Za-z][\w/]*)(?:<=\d+)?(?:\[[^\]]*\])?\s+[A-Za-z]\w*")
BASIC = frozenset({
    "bool", "byte", "char", "float32", "float64", "string", "wstring",
    "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64",
})  # fmt: skip


@cache
def definition(kind: str) -> str:
    """Returns the text of a message such as std_msgs/msg/Header and, after it, those of the messages it consists of.

    Raises ValueError when the package of one of them is not installed.
    """
    texts = {kind: _text(kind)}
    open_kinds = [kind]
    while open_kinds:
        for part in _parts(texts[(now := open_kinds.pop(0))], now.split("/")[0]):
            if part not in texts:
                texts[part] = _text(part)
                open_kinds.append(part)
    first, *others = texts.items()
    return "\n".join([first[1], *(f"{BAR}\nMSG: {_short(name)}\n{text}" for name, text in others)])


@cache
def type_hash(kind: str) -> str:
    """Returns the type hash, RIHS01 and 64 hexadecimal digits; "" for a package that was built without it."""
    try:
        hashes = json.loads(_file(kind).with_suffix(".json").read_text())["type_hashes"]
    except OSError:
        return ""
    return str(next((h["hash_string"] for h in hashes if h["type_name"] == kind), ""))


def _text(kind: str) -> str:
    try:
        return _file(kind).read_text().rstrip() + "\n"
    except OSError as error:
        raise ValueError(f"no definition of {kind} is installed: {error}; build or install its package") from None


def _file(kind: str) -> Path:
    package, _, name = kind.split("/")
    try:
        return Path(get_package_share_directory(package)) / "msg" / f"{name}.msg"
    except LookupError:
        raise ValueError(f"package {package} of {kind} is not installed; install it, or source its workspace") from None


def _parts(text: str, package: str) -> list[str]:
    """The messages that the fields of a definition consist of, by full name."""
    found = [match.group(1) for line in text.splitlines() if (match := FIELD.match(line))]
    return [_full(kind, package) for kind in found if kind not in BASIC]


def _full(kind: str, package: str) -> str:
    *folders, name = kind.split("/")
    if not folders:
        return f"std_msgs/msg/{name}" if name == "Header" else f"{package}/msg/{name}"
    return f"{folders[0]}/msg/{name}"


def _short(kind: str) -> str:
    """The name as definitions write it, without the folder of messages."""
    package, _, name = kind.split("/")
    return f"{package}/{name}"
