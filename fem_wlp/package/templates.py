"""Package files to begin with.

>>> template_names()
('compliant', 'conventional', 'micro-smd', 'paste')
"""

from __future__ import annotations

import re
from importlib.resources import files

from fem_wlp.errors import ConfigError
from fem_wlp.materials.leaves import did_you_mean
from fem_wlp.package.fields import Name


def template_names() -> tuple[str, ...]:
    """Return the names of all templates."""
    folder = files(__package__).joinpath("templates")
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir()))


def template_text(template: str, name: str = "") -> str:
    """Return a template as the text of a package file.

    Parameters
    ----------
    template
        One of `template_names`.
    name
        What the package is called; the template's own name if empty.

    Raises
    ------
    ConfigError
        F116 for an unknown template, F114 for a name that cannot be one of a file.
    """
    if template not in template_names():
        hint = did_you_mean(template, template_names())
        raise ConfigError("F116", "there is no such template", value=template, hint=hint)
    called = Name().read(name or template)
    text = files(__package__).joinpath("templates", f"{template}.toml").read_text("utf-8")
    return re.sub(r'(?m)^name = ".*"$', lambda _: f'name = "{called}"', text, count=1)
