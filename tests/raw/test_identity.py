"""Who a raw row is: its record id, its keys where there is none, and its number among rows of the same."""

import pandas as pd

from datacut.raw.identity import identify, unsure
from datacut.spec.crf import CrfForm, System

FORM = CrfForm(form="ae", label="Events", keys=("SUBJID", "SEQ"), fields={})
SYSTEM = System(label="Data capture", record="RECID")
NO_IDS = System(label="Laboratory")


def form(*rows):
    return pd.DataFrame(list(rows), columns=["RECID", "SUBJID", "SEQ"], dtype="str")


def identities(frame, system=SYSTEM, of=FORM):
    return list(identify(frame, of, system).itertuples(index=False, name=None))


def test_an_id_is_text_and_blanks_around_it_do_not_count():
    assert identities(form(["007", "1", "1"], [" 7 ", "1", "2"])) == [("007", 1), ("7", 1)]


def test_rows_of_one_id_are_numbered_in_the_order_of_the_file():
    frame = form(["5", "1", "1"], ["6", "1", "2"], ["5", "1", "3"], ["5", "2", "1"])
    assert identities(frame) == [("5", 1), ("6", 1), ("5", 2), ("5", 3)]


def test_a_blank_id_leaves_the_keys():
    frame = form([None, "1", "1"], ["  ", "1", None], ["9", "1", "3"])
    assert identities(frame) == [("SUBJID=1|SEQ=1", 1), ("SUBJID=1|SEQ=", 1), ("9", 1)]


def test_a_system_without_ids_is_known_by_the_keys():
    frame = form(["9", "1", "1"], ["9", "1", "1"])
    assert identities(frame, NO_IDS) == [("SUBJID=1|SEQ=1", 1), ("SUBJID=1|SEQ=1", 2)]


def test_with_neither_id_nor_keys_only_the_number_is_left():
    keyless = CrfForm(form="ae", label="Events", fields={})
    frame = form([None, "1", "1"], [None, None, None])
    assert identities(frame, of=keyless) == [("", 1), ("", 2)]
    assert identities(form([None, None, None])) == [("", 1)]


def test_no_two_rows_have_one_identity_whatever_is_filtered_before():
    frame = form(["5", "1", "1"], ["5", "1", "2"], [None, "1", "3"], [None, "1", "3"]).iloc[1:]
    found = identify(frame, FORM, SYSTEM)
    assert found.index.tolist() == [1, 2, 3]
    assert not found.duplicated().any()


def test_an_empty_form_has_none():
    assert identities(form()) == []


def unsure_rows(frame, system=SYSTEM):
    return unsure(frame, identify(frame, FORM, system), system).tolist()


def test_an_id_that_is_blank_or_stands_twice_tells_no_row_from_others():
    assert unsure_rows(form(["5", "1", "1"], [None, "1", "2"], ["6", "1", "3"], ["5", "2", "4"])) == [
        True,
        True,
        False,
        True,
    ]


def test_keys_of_a_system_without_ids_do_if_they_are_unique():
    assert unsure_rows(form([None, "1", "1"], [None, "1", "2"], [None, "1", "2"]), NO_IDS) == [False, True, True]
    assert unsure_rows(form([None, None, None]), NO_IDS) == [True]
