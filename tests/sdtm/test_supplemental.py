from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacut.errors import Findings
from datacut.pipeline.verbs import make_registry
from datacut.raw.read import read_export
from datacut.sdtm.build import build_sdtm
from datacut.sdtm.supplemental import split_text
from datacut.spec.lint import bind_specs
from datacut.spec.load import load_specs


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", [""]),
        ("a" * 200, ["a" * 200]),
        ("a" * 201, ["a" * 200, "a"]),
        ("疹" * 66, ["疹" * 66]),
        ("疹" * 67, ["疹" * 66, "疹"]),
        ("a" + "疹" * 67, ["a" + "疹" * 66, "疹"]),
        ("a" * 150 + " " + "b" * 100, ["a" * 150, "b" * 100]),
        ("a" * 200 + " b", ["a" * 200, "b"]),
        ("a " + "b" * 250, ["a " + "b" * 198, "b" * 52]),
        ("疹" * 140, ["疹" * 66, "疹" * 66, "疹" * 8]),
    ],
)
def test_long_text_is_cut_at_a_blank_or_between_characters(text: str, pieces: list[str]) -> None:
    assert split_text(text) == pieces


@given(st.text(st.sampled_from("ab 疹é😀"), max_size=400))
def test_no_piece_is_too_long_and_no_character_is_lost(text: str) -> None:
    pieces = split_text(text)
    assert all(len(piece.encode()) <= 200 for piece in pieces)
    assert "".join(pieces).replace(" ", "") == text.replace(" ", "")


SPECS = {
    "crf/dm": """
        form: dm
        label: Demographics
        system: edc
        fields:
          SEX: {label: Sex}
        """,
    "crf/ae": """
        form: ae
        label: Adverse events
        system: edc
        fields:
          AETERM: {label: Event}
          NOTE: {label: Note}
        """,
    "sdtm/dm": """
        dataset: DM
        keys: [USUBJID]
        records: [{from: raw.dm}]
        variables:
          USUBJID: paste([SUBJID], prefix="S-")
        """,
    "sdtm/ae": """
        dataset: AE
        keys: [USUBJID, AETERM]
        records: [{from: raw.ae}]
        variables:
          USUBJID: paste([SUBJID], prefix="S-")
          AESEQ: derive_seq(by=[AETERM])
          AETERM: assign(AETERM)
        supplemental:
          AENOTE: {label: Note of the Investigator, derive: assign(NOTE)}
        """,
}
RASH = "面部红斑伴瘙痒" * 20
"""140 characters, 420 bytes."""


def test_a_long_verbatim_goes_on_in_supp_and_is_noted_at_its_row(study, tmp_path) -> None:
    specs = load_specs(study(SPECS))
    registry = make_registry(specs.root)
    plans = bind_specs(specs, registry)
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "dm.csv").write_text("SUBJID,SEX\n001,F\n")
    (folder / "ae.csv").write_text(f"SUBJID,AETERM,NOTE\n001,Cough,\n001,{RASH},{'x' * 210}\n", encoding="utf-8")
    findings = Findings()
    sources: dict[str, pd.DataFrame] = dict(read_export(folder, specs, findings, "raw/c1"))
    datasets, _ = build_sdtm(specs, plans, registry, sources, findings)

    ae, supp = datasets["AE"].frame, datasets["SUPPAE"].frame
    assert ae["AETERM"].tolist() == ["Cough", RASH[:66]]
    assert supp[["IDVAR", "IDVARVAL", "QNAM", "QLABEL", "QVAL", "QORIG"]].to_numpy().tolist() == [
        ["AESEQ", "2", "AENOTE", "Note of the Investigator", "x" * 200, "CRF"],
        ["AESEQ", "2", "AENOTE1", "Note of the Investigator 1", "x" * 10, "CRF"],
        ["AESEQ", "2", "AETERM1", "Reported Term for the Adverse Event 1", RASH[66:132], "CRF"],
        ["AESEQ", "2", "AETERM2", "Reported Term for the Adverse Event 2", RASH[132:], "CRF"],
    ]
    assert ae["AETERM"].iloc[1] + "".join(supp.loc[supp["QNAM"].str.startswith("AETERM"), "QVAL"]) == RASH
    assert [(str(f.severity), str(f.where), f.value) for f in findings if f.rule == "sdtm.long"] == [
        ("note", "raw/c1/ae.csv:3:AETERM", f"{RASH[:40]}..."),
        ("note", "raw/c1/ae.csv:3:NOTE", f"{'x' * 40}..."),
    ]
    assert not [f for f in findings if f.rule == "dataset.text.length"]
