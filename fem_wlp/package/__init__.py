"""The package: a chip, its layers and joints, a board, as an engineer writes them in a file."""

from fem_wlp.package.conditions import CONDITIONS
from fem_wlp.package.model import Package
from fem_wlp.package.reading import load, loads, replace, replace_all
from fem_wlp.package.resolved import resolved_toml
from fem_wlp.package.schema import json_schema
from fem_wlp.package.templates import template, template_names

__all__ = [
    "CONDITIONS",
    "Package",
    "json_schema",
    "load",
    "loads",
    "replace",
    "replace_all",
    "resolved_toml",
    "template",
    "template_names",
]
