"""Edits one after the other, each undone later: what a build makes is what a fresh one makes, byte for byte, and only
what reads something else runs.

What runs is written down here by hand, from what each task reads (decision 38), and never asked of the build.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

import pytest
from tests.edits import ENGINE, INSTALLED, Edit, Trial
from tests.vitals import CUT, FILES

from datacut.pipeline.inputs import package_files
from datacut.pipeline.why import read_run

VS, DM = f"study/raw/{CUT}/vs.csv", f"study/raw/{CUT}/dm.csv"
ADVS, ADSL = "study/specs/adam/advs.yml", "study/specs/adam/adsl.yml"
OWN, LIBRARY, TABLE = "study/adam/own.py", "study/specs/tlf/_library.yml", "study/specs/tlf/t-14-2-1.yml"
LISTING, FIGURE = "study/specs/tlf/l-16-2-1.yml", "study/specs/tlf/f-14-2-1.yml"


def documents(*names: str) -> set[str]:
    return {f"document {name}.{extension}" for name in names for extension in ("rtf", "docx", "pdf")}


SAID = {"accounting", "rules over datasets", "define.xml of SDTM", "define.xml of ADaM"}
"""What reads all that the specs say of data, and the code of every verb."""
STAGES = {"SDTM", "ADaM"}
T, F, L = "t-14-2-1", "f-14-2-1", "l-16-2-1"
RESULTS = {"results of all outputs", "analyses of the reporting event", "reporting event"}
EVERY = {
    *STAGES,
    *SAID,
    *("DM.*", "VS.*", "VS.VSSEQ", "VS.VSTEST", "VS.VSSTRESC"),
    *("ADSL.OLDFL", "ADVS.AVAL", "ADVS.HALF", "ADVS.HIGHFL", "ADVS.UPFL"),
    *(f"files of {name}" for name in ("DM", "VS", "ADSL", "ADVS")),
    *(T, F, L, "rules over results", *RESULTS),
    *documents("all-sections", "section-14-2", "section-16-2"),
}
"""All there is to do in this study."""
IN_14 = documents("all-sections", "section-14-2")
IN_16 = documents("all-sections", "section-16-2")


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    made = Trial(tmp_path_factory.mktemp("trial"), FILES, CUT)
    with pytest.MonkeyPatch.context() as patch:
        # nobody edits the package here: it need not be looked for in every build
        patch.setattr("datacut.pipeline.inputs.package_files", cache(package_files))
        made.ran()
        yield made


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    made = Trial(tmp_path_factory.mktemp("apart"), FILES, CUT, apart=True)
    made.ran()
    yield made
    made.close()


def undone(trial: Trial, edit: Edit) -> set[str]:
    """The tasks that run for an edit; undone, everything is as it was, and nothing runs."""
    keys = trial.keys()
    undo = trial.write(edit)
    ran = trial.ran()
    trial.write(undo)
    assert trial.ran() == set()
    assert trial.keys() == keys
    return ran


type Of = Callable[[Trial], Edit]


def swap(name: str, old: str, new: str) -> Of:
    return lambda trial: trial.changed(name, old, new)


def text(name: str, new: str) -> Of:
    return lambda _: {name: new}


def moved(name: str, to: str) -> Of:
    return lambda trial: {name: None, to: trial.text(name)}


EDITS: dict[str, tuple[Of, set[str]]] = {
    "comment": (swap(ADVS, "dataset: ADVS\n", "# a comment\ndataset: ADVS\n"), set()),
    "field that nothing reads": (swap(VS, "150,,x", "150,,y"), {"SDTM", "accounting"}),
    "raw cell": (
        swap(VS, "102,150", "102,151"),
        {
            *STAGES,
            *SAID,
            "VS.*",
            "VS.VSSTRESC",
            "ADVS.AVAL",
            "ADVS.HALF",
            "ADVS.HIGHFL",
            "ADVS.UPFL",
            "files of VS",
            "files of ADVS",
            T,
            F,
            "rules over results",
            *RESULTS,
            *IN_14,
        },
    ),
    "cell that reads the same": (
        swap(VS, "102,150", "102,0150"),
        {*STAGES, *SAID - {"define.xml of ADaM"}, "VS.*", "VS.VSSTRESC", "ADVS.AVAL", "files of VS"},
    ),
    "row": (lambda t: {VS: t.text(VS) + "104,90,50,\n", DM: t.text(DM) + "104,60,M\n"}, EVERY),
    "row inserted above": (
        swap(VS, "101,120,60,\n", "100,,,\n101,120,60,\n"),
        {"SDTM", "VS.*", "files of VS", "accounting"},
    ),
    "rows in another order": (
        lambda _: {VS: "SUBJID,SYSBP,PULSE,NOTE\n103,130,70,\n101,120,60,\n102,150,,x\n"},
        {"SDTM", "VS.*", "VS.VSSEQ", "VS.VSTEST", "VS.VSSTRESC", "files of VS", "accounting"},
    ),
    "column added": (
        lambda _: {VS: "SUBJID,SYSBP,PULSE,NOTE,MORE\n101,120,60,,1\n102,150,,x,2\n103,130,70,,3\n"},
        {*STAGES, "accounting"},
    ),
    "setting": (
        swap("study/specs/study.yml", "value: 125", "value: 145"),
        {*STAGES, *SAID, "ADVS.HIGHFL", "files of ADVS", T, "rules over results", *RESULTS, *IN_14},
    ),
    "words of a setting": (
        swap("study/specs/study.yml", "text: Limit", "text: Upper limit"),
        {*STAGES, *SAID, "analyses of the reporting event", "reporting event"},
    ),
    "form": (swap("study/specs/crf/vs.yml", "label: Systolic", "label: Systolic pressure"), {*STAGES, *SAID}),
    "codelist": (
        swap("study/specs/codelists.yml", "Pulse Rate", "Pulse"),
        {*STAGES, *SAID, "VS.VSTEST", "files of VS"},
    ),
    "units row": (
        swap("study/specs/units.yml", "beats/min}", "beats/min, digits: 1}"),
        {*STAGES, *SAID, "VS.VSSTRESC", "files of VS", "ADVS.AVAL"},
    ),
    "spec line": (
        swap(ADVS, "HALF GT 10", "HALF GT 40"),
        {"ADaM", *SAID, "ADVS.UPFL", "files of ADVS", "rules over results"},
    ),
    "study function": (
        swap(OWN, "/ 2", "/ 4"),
        {*STAGES, *SAID, "ADVS.HALF", "ADVS.UPFL", "files of ADVS", "rules over results"},
    ),
    "words of a study function": (swap(OWN, "Half of it.", "A half of it."), {*STAGES, *SAID, "ADVS.HALF"}),
    "renamed file": (moved(OWN, "study/adam/other.py"), {*STAGES, *SAID, "ADVS.HALF"}),
    "deleted file": (lambda _: {LISTING: None}, {"rules over results", *RESULTS, *documents("all-sections")}),
    "new file": (
        lambda t: {
            "study/specs/tlf/l-16-2-2.yml": t.text(LISTING).replace("l-16-2-1", "l-16-2-2").replace("16.2.1", "16.2.2")
        },
        {"l-16-2-2", "rules over results", *RESULTS, *IN_16},
    ),
    "title": (
        swap(TABLE, "title: Systolic Blood Pressure", "title: Pressure"),
        {T, "analyses of the reporting event", "reporting event", *IN_14},
    ),
    "footnote": (swap(LIBRARY, "High: above", "Raised: above"), {T, "reporting event", *IN_14}),
    "row of a table": (swap(TABLE, "label: High", "label: Raised"), {T, "rules over results", *RESULTS, *IN_14}),
}


BY_HAND = {
    "field that nothing reads",
    "cell that reads the same",
    "row inserted above",
    "words of a setting",
    "words of a study function",
    "module that a verb's imports import",
    "renderer",
}
"""Kinds that the suite has no time for: `make edits`."""
only_by_hand = pytest.mark.skipif("DATACUT_EDITS" not in os.environ, reason="by hand: make edits")


def kinds(edits: Iterable[str]) -> list[Any]:
    return [pytest.param(kind, marks=only_by_hand) if kind in BY_HAND else kind for kind in edits]


@pytest.mark.parametrize("kind", kinds(EDITS))
def test_only_what_reads_a_change_runs_and_what_is_made_is_what_a_fresh_build_makes(trial: Trial, kind: str) -> None:
    edit, expected = EDITS[kind]
    assert undone(trial, edit(trial)) == expected


PACKAGE = f"{ENGINE}/datacut"
CODE_EDITS: dict[str, tuple[Of, set[str]]] = {
    "verb": (
        swap(f"{PACKAGE}/adam/derive_cat.py", "out[holds] = then\n", "out[holds] = f'{then}'.lower()\n"),
        {
            *(*STAGES, *SAID, "ADSL.OLDFL", "ADVS.HIGHFL", "ADVS.UPFL", "files of ADSL", "files of ADVS"),
            *("VS.VSTEST", "ADVS.AVAL"),  # calls of others in the module
            *(T, "rules over results", *RESULTS, *IN_14),
        },
    ),
    "module that a verb's imports import": (
        swap(f"{PACKAGE}/compute/rounding.py", "def without_dust(", "# a comment\ndef without_dust("),
        EVERY,
    ),
    "renderer": (
        swap(f"{PACKAGE}/tlf/render_rtf.py", "from __future__", "# a comment\nfrom __future__"),
        {T, F, L, "rules over results", *RESULTS, *IN_14, *IN_16},
    ),
    "standard": (
        swap(f"{PACKAGE}/standards/sdtmig_3_4/variables.csv", "Result or Finding in Original Units", "A Result"),
        {
            *(*STAGES, *SAID, *(f"files of {name}" for name in ("DM", "VS", "ADSL", "ADVS"))),
            *("DM.*", "VS.*", "VS.VSTEST", "ADSL.OLDFL", "ADVS.AVAL", "ADVS.HIGHFL", "ADVS.UPFL"),  # these import it
        },
    ),
    "distribution": (
        text(f"{INSTALLED}/new-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: new\nVersion: 1.0\n"),
        EVERY,
    ),
}


@pytest.mark.parametrize("kind", kinds(CODE_EDITS))
def test_code_counts_where_it_is_imported(apart: Trial, kind: str) -> None:
    edit, expected = CODE_EDITS[kind]
    assert undone(apart, edit(apart)) == expected


def test_a_spoilt_entry_is_made_again(trial: Trial) -> None:
    trial.ran()
    for path in sorted((trial.home / "build" / ".store" / "tasks").glob("??/*")):
        path.write_bytes(path.read_bytes()[:-1] + b"?")
    trial.ran()
    assert read_run(trial.home / "build", CUT)["spoilt"]
