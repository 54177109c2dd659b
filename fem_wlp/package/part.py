"""What all tables of a package file have in common."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, model_validator

from fem_wlp.errors import ConfigError
from fem_wlp.materials.leaves import Quantity, refusal

AnyTemperature = Quantity("temperature", "-220 degC", "500 degC", "T102", "T102")


class Part(BaseModel):
    """What all parts share: frozen, unknown keys refused, a key may default to another one's text."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    same_as: ClassVar[dict[str, str]] = {}

    @model_validator(mode="before")
    @classmethod
    def _take_over(cls, table: object) -> object:
        if not isinstance(table, dict):
            raise refusal(
                ConfigError(
                    "F110",
                    "a table is needed here: [name] and its keys",
                    value=str(table),
                    hint="a table begins with its name in brackets on a line of its own",
                )
            )
        filled = {key: table[other] for key, other in cls.same_as.items() if other in table}
        return {**filled, **table}
