"""A call checked against the verb it names, before any data is there."""

import pandas as pd
import pytest

from datacut.pipeline.verbs import make_registry
from datacut.spec.calls import parse_call
from datacut.spec.registry import Registry, verb
from datacut.spec.tokens import GrammarError
from datacut.spec.where import parse_where


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    return make_registry(tmp_path_factory.mktemp("no_study"))


@pytest.fixture
def bind(registry):
    def of(text, *kinds, new=None):
        return registry.bind(parse_call(text), kinds or ("mapping", "column", "records", "method"), new)

    return of


def test_a_mapping_reads_raw_columns_and_writes_its_variable(bind):
    bound = bind("assign_datetime(AESTDAT, time=AESTTIM)", new="AESTDTC")
    assert (bound.reads, bound.writes, bound.source) == (("AESTDAT", "AESTTIM"), ("AESTDTC",), None)


def test_a_column_verb_reads_what_it_names_and_what_it_always_reads(bind):
    bound = bind("derive_study_day(AESTDTC)", new="AESTDY")
    assert bound.reads == ("USUBJID", "AESTDTC")
    assert bound.writes == ("AESTDY",)
    assert (bound.source, bound.source_reads) == ("DM", ("RFSTDTC", "USUBJID"))


def test_a_call_writes_every_new_column_it_names(bind):
    bound = bind("derive_vars_dt(AESTDTC, ASTDT, flag=ASTDTF, not_before=TRTSDT)", new="ASTDT")
    assert bound.reads == ("AESTDTC", "TRTSDT")
    assert bound.writes == ("ASTDT", "ASTDTF")


def test_a_merge_reads_the_other_dataset_by_name(bind):
    new_vars = "{TRTSDTM: EXSTDTC, DOSE: EXDOSE}"
    text = f"derive_vars_merged([USUBJID], EX, {new_vars}, where='EXDOSE GT $dose_min', mode=first)"
    bound = bind(text, new="DOSE")
    assert bound.reads == ("USUBJID",)
    assert bound.writes == ("TRTSDTM", "DOSE")
    assert (bound.source, bound.source_reads) == ("EX", ("EXSTDTC", "EXDOSE", "USUBJID"))
    assert bound.settings == ("dose_min",)
    assert bound.values["where"] == parse_where("EXDOSE GT $dose_min")


def test_a_single_name_stands_for_a_list_or_a_map(bind):
    assert bind("derive_seq(AESTDTC)", new="AESEQ").reads == ("AESTDTC", "USUBJID")
    bound = bind("derive_vars_merged(USUBJID, ADSL, TRTSDT)", new="TRTSDT")
    assert (bound.writes, bound.source_reads) == (("TRTSDT",), ("TRTSDT", "USUBJID"))


def test_settings_are_known_wherever_they_stand(bind):
    assert bind("hardcode($site)", new="SITEID").settings == ("site",)
    bound = bind("derive_var_cat(AGE, AGEGR1, breaks=[$low, 65], labels=$labels)", new="AGEGR1")
    assert bound.settings == ("low", "labels")


@pytest.mark.parametrize(
    ("text", "new", "fault"),
    [
        ("asign(AETERM)", "AETERM", "asign: no such verb. Did you mean assign?"),
        ("study.dlt(AETERM)", "AETERM", "study.dlt: no such verb."),
        ("assign(colum=AETERM)", "AETERM", "assign has no parameter colum. Did you mean column?"),
        ("assign(AETERM, column=AETERM)", "AETERM", "assign: column is given twice"),
        ("assign(A, B, C)", "AETERM", "assign takes at most 2 values (column, codelist)"),
        ("assign_missing(A)", "AETERM", "assign_missing takes no values"),
        ("assign()", "AETERM", "assign needs column"),
        ('assign("AETERM")', "AETERM", 'assign: column takes a bare name, not "AETERM"'),
        ("assign($site)", "AETERM", "assign: column takes a bare name, not $site"),
        ("derive_seq([AETERM, 1])", "AESEQ", "derive_seq: by takes a bare name, not 1"),
        ("derive_date_after(A, 1.5)", "B", "derive_date_after: days takes a whole number, not 1.5"),
        ("hardcode_number(A)", "B", "hardcode_number: value takes a number, not A"),
        ("derive_var_coalesce([A, B], agree=Y)", "C", "derive_var_coalesce: agree takes true or false, not Y"),
        ("derive_var_coalesce([A], agree=$x)", "C", "derive_var_coalesce: agree takes true or false, not $x"),
        (
            'derive_var_cat(A, B, breaks=[1, "x"], labels=[a])',
            "B",
            'derive_var_cat: breaks takes a list of numbers, not [1, "x"]',
        ),
        ("derive_var_recode(A, B, {Y: 1})", "B", "derive_var_recode: to takes a map of texts, not {Y: 1}"),
        ("assign_count(EX, where=EXDOSE)", "N", "assign_count: where takes a quoted condition, not EXDOSE"),
        ('assign_count(EX, where="EXDOSE > 1")', "N", "cannot read '> 1' at column 8"),
        ("derive_var_computed([A], value=bmii)", "B", "derive_var_computed: no function bmii."),
        ("derive_vars_dt(AESTDTC, ASTDTT)", "ASTDT", "derive_vars_dt: the call writes ASTDTT, not ASTDT"),
        ("derive_vars_standard(A, B, C)", "VSSTRESN", "derive_vars_standard needs stresc"),
    ],
)
def test_a_call_that_does_not_fit(bind, text, new, fault):
    with pytest.raises(GrammarError) as raised:
        bind(text, new=new)
    assert str(raised.value).startswith(fault)


def test_a_verb_of_another_kind_cannot_stand_here(bind):
    with pytest.raises(GrammarError, match=r"^derive_seq: a column verb cannot stand here\. "):
        bind("derive_seq(AETERM)", "mapping", new="AESEQ")


@verb("column")
def derive_odd(frame: pd.DataFrame, new: set) -> pd.DataFrame:
    """A verb no spec can call."""
    return frame


def test_a_verb_no_spec_can_call_is_refused_when_it_is_registered(request):
    with pytest.raises(TypeError, match="derive_odd: parameter new has an annotation no spec can fill: set"):
        Registry().add_module(request.module)


def test_a_verb_is_registered_once_and_knows_its_summary(registry):
    assert registry.verbs["derive_study_day"].summary
    with pytest.raises(ValueError, match="is defined twice"):
        import datacut.sdtm.assign

        registry.add_module(datacut.sdtm.assign)


def test_cases_are_conditions_in_order_and_a_call_reads_their_columns(bind):
    bound = bind("""derive_var_case({'A EQ "x" AND B GT $limit': "Y", 'C MISSING': $text})""", new="FL")
    assert (bound.reads, bound.writes) == (("A", "B", "C"), ("FL",))
    assert list(bound.conditions("Condition")) == [parse_where('A EQ "x" AND B GT $limit'), parse_where("C MISSING")]
    assert bound.uses == (("limit", "Condition"), ("text", "str | float"))


@pytest.mark.parametrize("cases", ["{}", "\"A EQ 'x'\"", "['A MISSING', 1]"])
def test_what_is_no_map_of_conditions_is_refused(bind, cases):
    with pytest.raises(GrammarError, match="a map of quoted conditions"):
        bind(f"derive_var_case({cases})", new="FL")


def test_a_case_that_is_no_condition_or_gives_a_list_is_refused(bind):
    with pytest.raises(GrammarError):
        bind("""derive_var_case({'not a condition': 1})""", new="FL")
    with pytest.raises(GrammarError, match="a text or a number"):
        bind("""derive_var_case({'A MISSING': [1]})""", new="FL")


def test_a_verb_of_two_kinds_is_a_mapping_only_where_nothing_else_can_stand(bind):
    both = bind("derive_var_coalesce([A, B])", new="X")
    assert (both.kind, both.reads, both.writes) == ("column", ("A", "B"), ("X",))
    assert bind("derive_var_coalesce(A)", "mapping", new="X").kind == "mapping"
