"""The reporting event of a build against its ARD and the public schema."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pandas as pd
import pytest

SCHEMA = Path(__file__).parents[3] / "shared" / "standards" / "ars_ldm.schema.json"


def event_of(cut: Any) -> dict[str, Any]:
    return json.loads((cut.home / "ars.json").read_text(encoding="utf-8"))


def told(event: dict[str, Any]) -> Counter[tuple[object, ...]]:
    """Every result of the event: output and analysis, method, statistic, levels, value, text."""
    groups = {g["id"]: g["name"] for f in event["analysisGroupings"] for g in f.get("groups", ())}
    operations = {o["id"]: (m["name"], o["name"]) for m in event["methods"] for o in m["operations"]}
    out: Counter[tuple[object, ...]] = Counter()
    for a in event["analyses"]:
        for r in a["results"]:
            of = [groups.get(g.get("groupId"), g.get("groupValue")) for g in r.get("resultGroups", ())]
            raw, text = r.get("rawValue"), r.get("formattedValue", "")
            method, stat = operations[r["operationId"]]
            out[a["description"], method, stat, *sorted(of), raw, text] += 1
    return out


def kept(ard: pd.DataFrame) -> Counter[tuple[object, ...]]:
    """The same read from the ARD."""
    out: Counter[tuple[object, ...]] = Counter()
    rows = ard[(ard["method"] != "label") & (ard["analysis"] != "records")].astype(object)
    for row in rows.where(rows.notna(), None).to_dict("records"):
        pairs = [(row[f"group{i}"], row[f"group{i}_level"]) for i in range(1, 6)]
        pairs.append((row["variable"], row["variable_level"]))
        of = [level for _, level in dict.fromkeys(p for p in pairs if None not in p)]
        raw = row["stat_text"]
        if row["stat"] is not None:
            raw = str(int(row["stat"])) if row["stat"] == int(row["stat"]) else repr(row["stat"])
        about = f"{row['output']}, analysis {row['analysis']}"
        out[about, row["method"], row["stat_name"], *sorted(of), raw, row["formatted"] or ""] += 1
    return out


def test_every_result_is_in_the_ard_and_every_result_of_the_ard_is_told(base: Any) -> None:
    cut = base.cut(2)
    ard = pd.read_parquet(cut.home / "ard.parquet")
    assert told(event_of(cut)) == kept(ard)


def test_a_result_is_named_by_analysis_operation_and_groups(base: Any) -> None:
    for analysis in event_of(base.cut(2))["analyses"]:
        names = [(r["operationId"], json.dumps(r.get("resultGroups"))) for r in analysis["results"]]
        assert len(set(names)) == len(names), analysis["id"]


def test_whatever_is_referred_to_is_there(base: Any) -> None:
    event = event_of(base.cut(2))
    ids = {
        part: {x["id"] for x in event[part]}
        for part in ("analysisSets", "dataSubsets", "methods", "analysisGroupings", "analyses", "outputs")
    }
    relations = {
        r["id"]
        for m in event["methods"]
        for o in m["operations"]
        for r in o.get("referencedOperationRelationships", ())
    }
    for a in event["analyses"]:
        assert a["analysisSetId"] in ids["analysisSets"]
        assert a["methodId"] in ids["methods"]
        assert a.get("dataSubsetId") in {None, *ids["dataSubsets"]}
        assert {g["groupingId"] for g in a["orderedGroupings"]} <= ids["analysisGroupings"]
        for reference in a["referencedAnalysisOperations"]:
            assert reference["referencedOperationRelationshipId"] in relations
            assert reference["analysisId"] in ids["analyses"]
    items = event["mainListOfContents"]["contentsList"]["listItems"]
    assert {i["outputId"] for i in items} == ids["outputs"]
    assert {i["analysisId"] for o in items for i in o.get("sublist", {}).get("listItems", ())} == ids["analyses"]
    home = base.cut(2).home
    assert all((home / f["location"]).is_file() for o in event["outputs"] for f in o["fileSpecifications"])


@pytest.mark.skipif(not SCHEMA.is_file(), reason=f"the ARS schema is not at {SCHEMA}")
def test_the_event_is_valid(base: Any) -> None:
    jsonschema.validate(event_of(base.cut(2)), json.loads(SCHEMA.read_text(encoding="utf-8")))
