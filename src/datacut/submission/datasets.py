"""One dataset as Define-XML describes it: its group, its variables and what holds for some of their values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from datacut.datasets.model import Dataset, Variable
from datacut.spec.lint import Plans
from datacut.spec.load import Specs
from datacut.spec.resolve import ResolvedDataset
from datacut.submission.books import Books
from datacut.submission.coded import coded_by_data
from datacut.submission.describe import Described, describe_domain, describe_qualifiers
from datacut.submission.items import Item, item_ref
from datacut.submission.shapes import shape_of
from datacut.submission.topics import Topic, described_always, entries
from datacut.submission.trace import Trace
from datacut.submission.valuelists import value_entries
from datacut.submission.xml import Element, make, make_text, translated, yes

SUBCLASSES = {"ADVERSE EVENT": "OCCURRENCE DATA STRUCTURE", "TIME-TO-EVENT": "BASIC DATA STRUCTURE"}
"""A class that Define-XML has as a subclass, and the class it belongs to."""
REFERENCE = ("TRIAL DESIGN", "STUDY REFERENCE")
NO_RECORDS = "No records up to the data cut."


class DatasetWriter:
    """Writes the groups of one document, one dataset after the other, into shared books."""

    def __init__(self, specs: Specs, plans: Plans, *, adam: bool) -> None:
        self._specs, self._plans, self._adam = specs, plans, adam
        self._trace = Trace(specs, plans.adam if adam else plans.sdtm)
        self.books = Books(specs, adam=adam)

    def group(self, dataset: Dataset) -> Element:
        """The ItemGroupDef; its items, codelists, methods and comments go into the books."""
        about = self._about(dataset)
        topics = tuple(entries(dataset))
        items = [self._item(dataset, about, topics, v) for v in dataset.variables]
        keys = {key: place for place, key in enumerate(dataset.keys, start=1)}
        full = frozenset(dataset.frame.columns[dataset.frame.notna().all()]) if len(dataset.frame) else frozenset()
        refs = [self._ref(about, i, place, keys.get(i.name), full) for place, i in enumerate(items, start=1)]
        name, empty = dataset.name, dataset.frame.empty
        comment = " ".join(t for t in (about.note, NO_RECORDS if empty else None) if t)
        leaf = None if empty else f"LF.{name}"  # a dataset without records has no file
        attributes = {
            "OID": f"IG.{name}",
            "Domain": None if self._adam else name.removeprefix("SUPP"),
            "Name": name,
            "Repeating": "No" if set(dataset.keys) <= {"STUDYID", "USUBJID"} else "Yes",
            "IsReferenceData": "Yes" if about.dataset_class in REFERENCE else "No",
            "SASDatasetName": name,
            "Purpose": "Analysis" if self._adam else "Tabulation",
            "def:StandardOID": self.books.standards.guide if about.is_standard else None,
            "def:IsNonStandard": yes(not about.is_standard),
            "def:Structure": about.structure,
            "def:ArchiveLocationID": leaf,
            "def:HasNoData": yes(empty),
            "def:CommentOID": self.books.comments.use(name, comment),
        }
        file = f"{name.lower()}.xpt"
        return make(
            "ItemGroupDef",
            attributes,
            translated("Description", dataset.label),
            *refs,
            _class(about.dataset_class),
            *([make("def:leaf", {"ID": leaf, "xlink:href": file}, make_text("def:title", file))] if leaf else []),
        )

    def _about(self, dataset: Dataset) -> Described:
        resolved: ResolvedDataset | None = self._plans.datasets.get(dataset.name)
        if resolved is None:
            return describe_qualifiers(dataset)
        return describe_domain(
            resolved, self._trace, self._plans.datasets, self._specs.study.standards.dictionaries, adam=self._adam
        )

    def _item(self, dataset: Dataset, about: Described, topics: Sequence[Topic], variable: Variable) -> Item:
        known = about.variables[variable.name]
        values = dataset.frame[variable.name]
        shape = shape_of(dataset, variable, iso8601=known.iso8601, digits=known.significant)
        codelist = known.codelist_for(variable.name, values, self.books.codelists, shape.type)
        codelist = codelist or coded_by_data(dataset, variable, self.books.codelists, shape.type, adam=about.adam)
        described = value_entries(self._specs, self._trace, about, dataset, topics, variable, self.books.codelists)
        item = Item(
            f"{dataset.name}.{variable.name}",
            variable.name,
            variable.label,
            shape,
            known.provenance,
            codelist,
            empty=bool(values.isna().all()) and not dataset.frame.empty,
            other_origins=known.other_origins,
        )
        told = [(c, v) for c, v in described if variable.name in described_always(dataset) or v.says_more_than(item)]
        item = replace(item, value_list=self.books.value_list(dataset.name, variable.name, told))
        self.books.define(item)
        return item

    def _ref(self, about: Described, item: Item, place: int, key: int | None, full: frozenset[str]) -> Element:
        """Required in SDTM is mandatory, a null there being an error; in ADaM mandatory says that there is no null."""
        known = about.variables[item.name]
        return item_ref(
            item,
            place,
            self.books.methods,
            mandatory=known.core == "Req" and (not about.adam or item.name in full),
            role=known.role,
            key=key,
        )


def _class(name: str) -> Element:
    parent = SUBCLASSES.get(name)
    if parent is None:
        return make("def:Class", {"Name": name})
    return make("def:Class", {"Name": parent}, make("def:SubClass", {"Name": name}))
