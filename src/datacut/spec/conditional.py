"""Parts of a spec that are there only under some settings of the study (cell source, panels, ...)."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field, field_validator

from datacut.spec.model import Model
from datacut.spec.settings import is_value
from datacut.spec.study import SettingValue

type When = dict[str, tuple[str, ...]]
"""`{setting: value}` or `{setting: [value, ...]}`: there only if every setting has one of its values."""


class Conditional(Model):
    """A part with a `when:`; without one it is always there."""

    when: When = Field(default_factory=dict)

    @field_validator("when", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        if isinstance(value, dict):
            return {k: (v,) if isinstance(v, str) else v for k, v in value.items()}
        return value

    def holds(self, settings: Mapping[str, SettingValue]) -> bool:
        """Whether the settings are such that this part is there; KeyError for an unknown setting."""
        return all(_is_one(settings[name], values) for name, values in self.when.items())


def _is_one(value: SettingValue, written: tuple[str, ...]) -> bool:
    return not isinstance(value, tuple) and any(is_value(value, w) for w in written)
