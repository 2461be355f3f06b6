"""ADSL and ADAE of the CDISC pilot, made from its SDTM by specs alone, compared with the published ones cell by cell.

The mini-study in `cdiscpilot/specs` is built by the command. Its rules are those of the published define.xml; where
that is silent or says something else, the spec says so, and OWN_RULES checks the rule on the published files alone.
Run with `-s` to see the table.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyreadstat
import pytest
from lxml import etree
from tests.oracle.compare import compare, compare_summary

from datacut.files.parquet import read_lineage, read_parquet

HERE = Path(__file__).parent
ORACLE = HERE.parents[1].parent / "shared" / "oracle" / "cdiscpilot"

pytestmark = pytest.mark.skipif(not ORACLE.is_dir(), reason=f"the public oracle data are not at {ORACLE}")

KEYS = {"ADSL": ["USUBJID"], "ADAE": ["USUBJID", "AESEQ"]}
RECORDS = {"ADSL": 254, "ADAE": 1191}
NOT_MADE = {
    "HEIGHTBL": "needs VS",
    "WEIGHTBL": "needs VS",
    "BMIBL": "needs HEIGHTBL and WEIGHTBL",
    "BMIBLGR1": "needs BMIBL",
    "MMSETOT": "needs QS",
}
"""Variables of ADSL that nothing received can give; EFFFL, whose source is QS too, stands in SUPPDM."""


class World(NamedTuple):
    """The published SDTM and ADaM, what we made, and the folder of the build."""

    sdtm: dict[str, pd.DataFrame]
    adam: dict[str, pd.DataFrame]
    ours: dict[str, pd.DataFrame]
    folder: Path


@pytest.fixture(scope="module")
def world(pilot: Path) -> World:
    ours = {n: read_parquet(pilot / "data" / "adam" / f"{n.lower()}.parquet").frame for n in KEYS}
    adam = {n: published(ORACLE / "adam" / f"{n.lower()}.xpt") for n in KEYS}
    sdtm = {p.stem.upper(): published(p) for p in sorted((ORACLE / "sdtm").glob("*.xpt"))}
    return World(sdtm, adam, ours, pilot)


def published(path: Path) -> pd.DataFrame:
    """A published file: blanks missing, numbers Float64, dates as dates."""
    frame = pyreadstat.read_xport(path, encoding="cp1252")[0].replace("", pd.NA)
    for name in frame.columns:
        if name.endswith("DT"):
            frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
        elif pd.api.types.is_numeric_dtype(frame[name]):
            frame[name] = frame[name].astype("Float64")
    return frame


def summary(world: World, name: str) -> pd.DataFrame:
    """`variable, n, equal, different, cause` of every published variable."""
    counted = compare_summary(world.ours[name], world.adam[name], KEYS[name]).set_index("variable")
    lines = []
    for variable in world.adam[name].columns:
        if variable in KEYS[name]:
            lines.append((variable, RECORDS[name], RECORDS[name], 0, "key"))
        elif variable in counted.index:
            lines.append((variable, *map(int, counted.loc[variable]), ""))
        else:
            lines.append((variable, 0, 0, 0, f"not made: {NOT_MADE[variable]}"))
    return pd.DataFrame(lines, columns=["variable", "n", "equal", "different", "cause"])


# -- equality ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", KEYS)
def test_every_cell_is_equal(world: World, name: str) -> None:
    table = summary(world, name)
    print(f"\n{name}\n" + table.to_string(index=False, justify="left"))
    found = compare(world.ours[name], world.adam[name], KEYS[name])
    left = found[~((found["kind"] == "missing column") & found["variable"].isin(NOT_MADE))]
    assert left.empty, left.to_string()
    assert len(world.ours[name]) == len(world.adam[name]) == RECORDS[name]


def test_how_many_variables_are_equal_for_all(world: World) -> None:
    equal = {}
    for name in KEYS:
        table = summary(world, name)
        equal[name] = int(((table["equal"] == RECORDS[name]) & (table["different"] == 0)).sum()), len(table)
    assert equal == {"ADSL": (43, 48), "ADAE": (55, 55)}


def test_a_changed_cell_is_found(world: World) -> None:
    """The comparison can fail: one cell of each kind changed, and each is told."""
    ours = world.ours["ADSL"].copy()
    ours.loc[0, "AVGDD"] = 0.1
    ours.loc[1, "DCREASCD"] = "Completed."
    ours.loc[2, "TRTEDT"] += pd.Timedelta(days=1)
    ours.loc[3, "DURDIS"] = pd.NA
    found = compare(ours, world.adam["ADSL"], KEYS["ADSL"])
    assert found.loc[found["kind"] == "value", "variable"].sort_values().tolist() == [
        "AVGDD", "DCREASCD", "DURDIS", "TRTEDT",
    ]  # fmt: skip


@pytest.mark.parametrize("name", KEYS)
def test_define_xml_explains_what_is_compared(world: World, name: str) -> None:
    """Every published variable has a derivation in define.xml, so none is left out of the claim; so has what is not
    made, which names VS or QS."""
    text = (ORACLE / "adam" / "define.xml").read_bytes()
    items = [e.attrib for e in etree.fromstring(text).iter("{*}ItemDef")]
    comments = {
        i["OID"].removeprefix(f"{name}."): i.get("Comment", "") for i in items if i["OID"].startswith(f"{name}.")
    }
    assert all(comments[v].strip() for v in world.adam[name].columns)
    if name == "ADSL":
        assert all("VS." in comments[v] for v in ("HEIGHTBL", "WEIGHTBL"))
        assert all("QS" in comments[v] for v in ("MMSETOT", "EFFFL"))
        assert not {"VS", "QS"} & world.sdtm.keys()


# -- rules that define.xml does not give, on the published files alone -------------------------------------------------


def is_pooled_below_three_an_arm(world: World) -> bool:
    """SITEGR1 is 900 at exactly the sites with fewer than 3 participants in any arm."""
    adsl = world.adam["ADSL"]
    fewest = pd.crosstab(adsl["SITEID"], adsl["TRT01P"]).min(axis=1)
    expected = adsl["SITEID"].where(adsl["SITEID"].map(fewest) >= 3, "900")
    return bool((expected == adsl["SITEGR1"]).all())


def is_month_a_twelfth_of_a_year(world: World) -> bool:
    """DURDIS is (days + 1) * 12 / 365.25 to one decimal for all; without the day more it is not."""
    adsl = world.adam["ADSL"]
    days = (adsl["VISIT1DT"] - adsl["DISONSDT"]).dt.days

    def off(more: int) -> int:
        return int((((days + more) * 12 / 365.25 - adsl["DURDIS"].astype(float)).abs() > 0.05 + 1e-9).sum())

    return off(1) == 0 and off(0) > 0


def is_duration_blank_where_the_day_is_imputed(world: World) -> bool:
    """Both dates are there and ADURN is not at exactly the four events whose start day was imputed."""
    adae = world.adam["ADAE"]
    blank = adae["ASTDT"].notna() & adae["AENDT"].notna() & adae["ADURN"].isna()
    return bool((blank == (adae["ASTDTF"].notna() & adae["AENDT"].notna())).all()) and int(blank.sum()) == 4


def is_last_visit_of_any_disposition(world: World) -> bool:
    """define.xml gives VISNUMEN for those who completed only; it is there for all, 12 for visit 13."""
    ds = world.sdtm["DS"]
    visit = ds[ds["DSCAT"] == "DISPOSITION EVENT"].set_index("USUBJID")["VISITNUM"].replace(13, 12)
    adsl = world.adam["ADSL"].set_index("USUBJID")["VISNUMEN"]
    return bool((visit.reindex(adsl.index) == adsl).all())


def is_not_entered_by_term(world: World) -> bool:
    """I/E Not Met are those whose DSTERM says so, who are those with ENTCRIT in SUPPDS."""
    ds, supp, adsl = world.sdtm["DS"], world.sdtm["SUPPDS"], world.adam["ADSL"]
    by_term = set(ds.loc[ds["DSTERM"] == "PROTOCOL ENTRY CRITERIA NOT MET", "USUBJID"])
    return by_term == set(supp["USUBJID"]) == set(adsl.loc[adsl["DCREASCD"] == "I/E Not Met", "USUBJID"])


def is_query_of_class_and_term(world: World) -> bool:
    """AOCC01FL stands within CQ01NAM; define.xml says within a blank one."""
    adae = world.adam["ADAE"]
    return bool(adae.loc[adae["AOCC01FL"].notna(), "CQ01NAM"].notna().all())


OWN_RULES: dict[str, Callable[[World], bool]] = {
    "SITEGR1": is_pooled_below_three_an_arm,
    "DURDIS": is_month_a_twelfth_of_a_year,
    "ADURN": is_duration_blank_where_the_day_is_imputed,
    "VISNUMEN": is_last_visit_of_any_disposition,
    "DCREASCD": is_not_entered_by_term,
    "AOCC01FL": is_query_of_class_and_term,
}


@pytest.mark.parametrize("variable", OWN_RULES)
def test_rule_that_define_xml_does_not_give(world: World, variable: str) -> None:
    assert OWN_RULES[variable](world)


# -- the rest of the build ---------------------------------------------------------------------------------------------


def test_lineage_leads_to_the_record_of_the_file(world: World) -> None:
    events = read_lineage(world.folder / "lineage" / "adam" / "adae.parquet")
    received = read_lineage(world.folder / "lineage" / "sdtm" / "ae.parquet").set_index("record")["source_record"]
    assert (set(events["source"]), len(events)) == ({"AE"}, RECORDS["ADAE"])
    at = received.loc[events.sort_values("record")["source_record"]].to_numpy(dtype=int) - 1
    terms = world.sdtm["AE"].iloc[at][["USUBJID", "AESEQ", "AETERM"]]
    assert terms.to_numpy().tolist() == world.ours["ADAE"][["USUBJID", "AESEQ", "AETERM"]].to_numpy().tolist()


def test_treatment_emergence_agrees_with_that_of_sdtm(world: World) -> None:
    """SUPPAE holds the sponsor's own flag, made before ADaM: it says the same of every event."""
    supp = world.sdtm["SUPPAE"]
    flags = supp[supp["QNAM"] == "AETRTEM"].set_index(["USUBJID", "IDVARVAL"])["QVAL"]
    events = world.ours["ADAE"]
    at = pd.MultiIndex.from_arrays([events["USUBJID"], events["AESEQ"].astype("str")])
    assert flags.reindex(at).tolist() == events["TRTEMFL"].tolist()
    assert events["TRTEMFL"].value_counts().to_dict() == {"Y": 1126, "N": 65}


def test_screen_failures_are_told_once(world: World) -> None:
    findings = pd.read_csv(world.folder / "findings.csv", dtype="str")
    told = findings[findings["rule"].str.startswith("adam.adsl")]
    assert told[["severity", "what", "value"]].to_numpy().tolist() == [
        ["note", "subjects of DM whom ADSL leaves out: 52", "screen failures are not analysed"]
    ]


def test_errors_are_what_the_published_data_break(world: World) -> None:
    """Criteria without seriousness, N where ADaM wants Y or blank, one study day, labels older than SDTMIG 3.4."""
    ae = world.sdtm["AE"]
    criteria = ["AESCAN", "AESCONG", "AESDISAB", "AESDTH", "AESHOSP", "AESLIFE", "AESOD"]
    started = world.sdtm["DM"].set_index("USUBJID")["RFSTDTC"].reindex(ae["USUBJID"]).to_numpy()
    days = (pd.to_datetime(ae["AESTDTC"].where(ae["AESTDTC"].str.len().eq(10))) - pd.to_datetime(started)).dt.days
    wrong_day = (days + (days >= 0)).ne(ae["AESTDY"]) & days.notna() & ae["AESTDY"].notna()
    broken = {
        "adam.flag.yes": int((world.adam["ADAE"]["TRTEMFL"] == "N").sum()),
        "sdtm.day": int(wrong_day.sum()),
        "sdtm.label": 4,
        "sdtm.serious": int(((ae["AESER"] == "N") & (ae[criteria] == "Y").any(axis="columns")).sum()),
    }
    findings = pd.read_csv(world.folder / "findings.csv", dtype="str")
    errors = findings[findings["severity"] == "error"]
    # One line each for the first twenty of a variable, one for how many more.
    records = (
        errors["what"].str.extract(r"(\d+) more records")[0].astype("Int64").fillna(errors["places"].astype("Int64"))
    )
    assert records.groupby(errors["rule"]).sum().to_dict() == broken
    places = pd.read_csv(world.folder / "findings_places.csv", dtype="str")
    line = (errors.index[errors["rule"] == "sdtm.label"] + 1).astype("str")
    labels = places.loc[places["finding"].isin(line), "where"]
    assert set(labels) == {"EX.EXTRT", "EX.EXDOSE", "SV.SVSTDTC", "SV.SVENDTC"}
    for where in labels:
        name, variable = where.split(".")
        meta = pyreadstat.read_xport(ORACLE / "sdtm" / f"{name.lower()}.xpt", metadataonly=True)[1]
        assert meta.column_names_to_labels[variable] == str(errors.set_index("where").loc[where, "value"])


def test_transport_files_hold_the_same(world: World) -> None:
    for name in KEYS:
        frame = published(world.folder / "adam" / f"{name.lower()}.xpt")
        found = compare(frame, world.adam[name], KEYS[name])
        assert set(found["variable"]) <= set(NOT_MADE)
