"""The documents that combine the outputs of a build."""

from __future__ import annotations

import re

from pydantic import field_validator

from datacut.spec.model import Model


class Documents(Model):
    """The combined documents: title of the one of all outputs; heading of each section by the number it begins with."""

    title: str
    sections: dict[str, str]

    @field_validator("sections")
    @classmethod
    def _numbered(cls, value: dict[str, str]) -> dict[str, str]:
        for number in value:
            if re.fullmatch(r"\d+(\.\d+)*", number) is None:
                raise ValueError(f"section {number!r} is not a number such as 14.1")
        return value

    def section_of(self, number: tuple[int, ...]) -> str | None:
        """The longest section that begins the number of an output."""
        parts = {name: tuple(map(int, name.split("."))) for name in self.sections}
        homes = [name for name, mine in parts.items() if number[: len(mine)] == mine]
        return max(homes, key=lambda name: len(parts[name]), default=None)
