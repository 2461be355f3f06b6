"""What a build says follows the settings: Define, reporting event and pages of two builds with other values.

Each numeric setting has a value of its own in each build, unlike any other number of the study. By hand (`make
settings`): two whole builds.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from lxml import etree, html
from tests.e2e.conftest import CUTS, copy_study, datacut
from tests.spec.test_levels import PLACES
from tests.spec.test_settings_told import forms, numeric, with_values

EVERY = "DATACUT_TOLD" in os.environ
pytestmark = pytest.mark.skipif(not EVERY, reason="minutes: make told")

PARTS = {"boin_p1": (0.1171, 0.1173), "target_toxicity": (0.2171, 0.2173), "boin_p2": (0.3171, 0.3173)} | {
    "equivalence_low": (0.2071, 0.2073), "equivalence_high": (0.2371, 0.2373), "confidence": (0.8971, 0.8973)
}  # fmt: skip
"""Parts that must lie in an order, or above a half."""


def values(build: int) -> dict[str, str]:
    """A value for each numeric setting: days and numbers 171 and 173 with digits that tell the setting."""
    made = {}
    for n, (name, part) in enumerate(numeric().items()):
        end = ("171", "173")[build]
        made[name] = str(PARTS[name][build]) if name in PARTS else f"0.4{n:02d}{end}" if part else f"{10 + n}{end}"
    return made


def built(folder: Path, build: int) -> dict[str, str]:
    """Texts of a build of three subjects with these settings, by place."""
    with_values(copy_study(folder), values(build))
    assert datacut(folder, "simulate", "--subjects", "3", "--cuts", "1").code == 0
    done = datacut(folder, "build", "--cut", CUTS[0])
    assert done.code < 2, done.out + done.err
    home = folder / "build" / CUTS[0]
    found: dict[str, str] = {}
    for stage in ("sdtm", "adam"):
        for number, said in enumerate(etree.parse(home / stage / "define.xml").iter()):
            for text in (said.text or "", *map(str, said.attrib.values())):
                found[f"{stage} {number} {len(found)}"] = text
    found |= {f"ars {n}": t for n, t in enumerate(words(json.loads((home / "ars.json").read_text(encoding="utf-8"))))}
    for path in sorted((home / "tlf").glob("*.html")):
        page = html.fromstring(path.read_bytes())
        for number, part in enumerate(page.iter("h1", "h2", "th", "p", "caption", "li")):
            found[f"{path.stem} {number}"] = part.text_content()
    return found


def words(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        for value in part.values():
            yield from words(value)
    elif isinstance(part, list):
        for value in part:
            yield from words(value)
    elif isinstance(part, str):
        yield part


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    return [built(tmp_path_factory.mktemp("built") / "study", build) for build in (0, 1)]


NUMBER = re.compile(r"[\d.]*\d%?")


def test_what_is_said_in_one_build_is_of_its_settings(both) -> None:
    first, second = both
    old = set(known(values(0)))
    assert [t for t in second.values() if old & set(NUMBER.findall(t))] == []
    assert len(first) > 10_000


def test_whatever_cites_a_setting_cites_its_value(both) -> None:
    """With the name in the place of each value, both builds say the same of the settings."""
    said = [named(texts.values(), values(build)) for build, texts in enumerate(both)]
    assert said[0] == said[1]
    assert len(said[0]) > 200


def known(of: dict[str, str]) -> dict[str, str]:
    """How sentences may write the values, each with the name that stands for it; a setting may be percent itself."""
    told = {form: f"<{name} {n}>" for name, value in of.items() for n, form in enumerate(forms(value))}
    return {f"{form}%": f"{name}%" for form, name in told.items()} | told


def named(texts: Iterable[str], of: dict[str, str]) -> set[str]:
    """The texts that cite a setting, with its name in the place of its value."""
    names = known(of)
    cited = (t for t in set(texts) if names.keys() & set(NUMBER.findall(t)))
    return {NUMBER.sub(lambda m: names.get(m[0], m[0]), t) for t in cited}


def test_a_level_between_two_others_is_said_wherever_levels_are(tmp_path: Path) -> None:
    """Level 4, 5.2, between 4.5 and 6.0, and intervals of 90%: no list of levels without it, no interval of 95%."""
    root = copy_study(tmp_path / "study")
    for file, old, new in PLACES.values():
        path = root / "specs" / file
        path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with_values(root, {"confidence": "0.90"})
    assert datacut(root, "simulate", "--subjects", "6", "--cuts", "1").code == 0
    done = datacut(root, "build", "--cut", CUTS[0])
    assert done.code == 0, done.out + done.err
    home = root / "build" / CUTS[0]
    texts = [t for p in sorted((home / "tlf").glob("*.html")) for t in [html.fromstring(p.read_bytes()).text_content()]]
    texts += [(home / s / "define.xml").read_text(encoding="utf-8") for s in ("sdtm", "adam")]
    texts.append((home / "ars.json").read_text(encoding="utf-8"))
    assert [t[:200] for t in texts if re.search(r"\b95(?:\.0)?% ?(?:CI|confidence)|0\.95 (?:CI|confidence)", t)] == []
    assert sum("90%" in t for t in texts) > 10
    lists = [m[0] for t in texts for m in re.finditer(r"3\.0, (?:5\.2, )?4\.5(?:,| and) 6\.0(?:(?:,| and) [\d.]+)?", t)]
    assert lists and [m for m in lists if "5.2" not in m] == []
