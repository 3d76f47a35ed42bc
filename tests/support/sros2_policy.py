"""The rights that an SROS2 policy gives, read as sros2 reads them.

Names are expanded with a profile's ns and node, * matches any characters, and what no rule allows is denied.
"""

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from fnmatch import fnmatchcase

RIGHTS = {"topics": ("publish", "subscribe"), "services": ("reply", "request"), "actions": ("execute", "call")}


@dataclass(frozen=True)
class Rule:
    """One allowed name pattern of one enclave."""

    enclave: str
    right: str
    pattern: str


def rules(text: str) -> list[Rule]:
    """What the policy allows, with full names."""
    return [
        Rule(str(enclave.get("path")), right, expanded(profile, str(each.text)))
        for enclave in ET.fromstring(text).iter("enclave")
        for profile in enclave.iter("profile")
        for group in profile
        for right in RIGHTS[group.tag]
        if group.get(right) == "ALLOW"
        for each in group
    ]


def expanded(profile: ET.Element, name: str) -> str:
    """A name as the node of this profile would see it."""
    ns = str(profile.get("ns")).rstrip("/") + "/"
    if name.startswith("~"):
        return f"{ns}{profile.get('node')}{name[1:]}"
    return name if name.startswith("/") else ns + name


def holders(allowed: list[Rule], right: str, name: str) -> set[str]:
    """The enclaves that have this right on this name."""
    return {rule.enclave for rule in allowed if rule.right == right and fnmatchcase(name, rule.pattern)}
