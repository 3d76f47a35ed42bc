"""Finds unquoted YAML scalars that YAML 1.1 reads as something else than what is written."""

import re

EXPONENT = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+")  # 1e-4: a text in YAML 1.1, a number here and in ROS
SHOWN = 60  # characters of a value, in an error
_INT, _FLOAT, _DATE = (f"tag:yaml.org,2002:{kind}" for kind in ("int", "float", "timestamp"))
_PLAIN = {
    _INT: re.compile(r"[-+]?(0|[1-9]\d*)"),
    _FLOAT: re.compile(rf"[-+]?(\d+\.?\d*|\.\d+)|{EXPONENT.pattern}|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"),
}
_READ_AS = (  # what the text of an unquoted number or date becomes
    (re.compile(r"[-+]?[\d_]+(:[0-5]?\d)+(\.[\d_]*)?"), "a number of base 60"),
    (re.compile(r"[-+]?0b.*"), "a binary number"),
    (re.compile(r"[-+]?0x.*"), "a hexadecimal number"),
    (re.compile(r"[-+]?0[0-7_]+"), "an octal number"),
    (re.compile(r".*_.*"), "a number without its underscores"),
)


def misread(tag: str, text: str) -> str:
    """Returns why the unquoted `text`, which YAML gives the type `tag`, is not taken; empty when it is what it seems.

    Source: YAML 1.1, https://yaml.org/type/int.html, float.html and timestamp.html.
    """
    if tag not in (_INT, _FLOAT, _DATE) or (tag in _PLAIN and _PLAIN[tag].fullmatch(text)):
        return ""
    kinds = (kind for pattern, kind in _READ_AS if pattern.fullmatch(text))
    kind = "a date" if tag == _DATE else next(kinds, "another number")
    number = "" if tag == _DATE else ", or a plain decimal number"
    return f"YAML reads {text[:SHOWN]} as {kind}; write '{text[:SHOWN]}' with quotes for a text{number}"
