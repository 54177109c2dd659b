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


def template(name: str, called: str = "") -> str:
    """Return a template as the text of a package file.

    Parameters
    ----------
    name
        One of `template_names`.
    called
        What the package is called; as the template if empty.

    Raises
    ------
    ConfigError
        F116 for an unknown template, F114 for a name that cannot be one of a file.
    """
    if name not in template_names():
        hint = did_you_mean(name, template_names())
        raise ConfigError("F116", "there is no such template", value=name, hint=hint)
    title = Name().read(called or name)
    text = files(__package__).joinpath("templates", f"{name}.toml").read_text("utf-8")
    return re.sub(r'(?m)^name = ".*"$', lambda _: f'name = "{title}"', text, count=1)
