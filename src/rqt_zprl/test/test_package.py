"""Files by which rqt finds the plugin."""

import ast
from pathlib import Path
from xml.etree import ElementTree

PACKAGE = Path(__file__).parents[1]


def test_the_exported_plugin_file_is_installed_and_names_a_class_that_exists() -> None:
    (export,) = ElementTree.parse(PACKAGE / "package.xml").iter("rqt_gui")
    assert export.get("plugin") == "${prefix}/plugin.xml"
    assert '("share/" + PACKAGE, ["package.xml", "plugin.xml"])' in (PACKAGE / "setup.py").read_text()
    (plugin,) = ElementTree.parse(PACKAGE / "plugin.xml").iter("class")
    module, _, name = (plugin.get("type") or "").rpartition(".")
    source = PACKAGE.joinpath(*module.split(".")).with_suffix(".py").read_text()
    assert name in [node.name for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    assert plugin.get("base_class_type") == "rqt_gui_py::Plugin"
