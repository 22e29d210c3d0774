"""Consent: who may be contacted, in the words of a dozen languages; in doubt nobody."""

import pandas as pd
import pytest

from segmenter.activate.permission import EVERYBODY_AGREED, Consent, consent_columns, read_consent
from segmenter.errors.forming import ConsentUnknownError, UnknownColumnError
from segmenter.table.columns import read_frame
from segmenter.table.infer.consent import is_inverted, meaning


def given(name, cells):
    return read_consent(
        read_frame(pd.DataFrame({name: cells, "n": range(len(cells))})), Consent((name,))
    ).given.tolist()


@pytest.mark.parametrize(
    "word",
    [
        "yes",
        "Y",
        "TRUE",
        "1",
        "1.0",
        "x",
        "✓",
        "opt-in",
        "Opted In",
        "SUBSCRIBED",
        "double opt-in",
        "ja",
        "oui",
        "sí",
        "Si",
        "sì",
        "sim",
        "tak",
        "ano",
        "evet",
        "kyllä",
        "igen",
        "ναι",
        "да",
        "akkoord",
        "samtycke",
        "eingewilligt",
        "2024-05-01",
        "2024-05-01T10:00:00Z",
        "01.05.2024",
        "1/5/24",
        "5 mai 2024",
        "3. Mai 2024",
        "May 3, 2024",
        "20240501",
        "1714550000",
        "1714550000000",
        "45321",
        "Yes, 2024-05-01",
        "ja (12.03.2024)",
        "Zugestimmt am 01.02.2023 10:15",
        "opted in on 2024-05-01",
        "Wed May 01 2024 10:00:00 GMT+0200",
        "1 (yes)",
        *[
            "einverstanden",
            "erlaubt",
            "acceptée",
            "d’accord",
            "aceptada",
            "accettata",
            "aceita",
            "wyrażona",
            "godkänt",
            "accepteret",
        ],
        *["onaylandı", "elfogadva", "udělen", "hyväksytty"],
        "liegt vor",
        "ja tack",
        "de acuerdo",
    ],
)
def test_words_and_stamps_that_say_yes(word):
    assert meaning(word) is True


@pytest.mark.parametrize(
    "word",
    [
        "no",
        "N",
        "nem",
        "όχι",
        "false",
        "0",
        "0.0",
        "opt-out",
        "not opted in",
        "nicht eingewilligt",
        "Nein, danke",
        "no consent",
        "01.01.1970",
        "1/1/1900 0:00",
        "Opted Out",
        "Never Subscribed",
        "unsubscribed",
        "pending",
        "nein",
        "non",
        "nee",
        "nie",
        "nej",
        "nei",
        "não",
        "ne",
        "hayır",
        "ei",
        "нет",
        "abgemeldet",
        "baja",
        "",
        "  ",
        "0000-00-00",
        "1970-01-01",
        "opted out 2024-05-01",
        "widerrufen am 01.05.2024",
        "Nein, 1 Mai 2024",
        *[
            "none",
            "untersagt",
            "refusée",
            "denegado",
            "rifiuta",
            "recusado",
            "geweigerd",
            "brak",
            "avböjt",
            "afvist",
            "odvolán",
            "yok",
            "evätty",
        ],
        "brak zgody",
        "geen toestemming",
    ],
)
def test_words_that_say_no(word):
    assert meaning(word) is False


@pytest.mark.parametrize("word", ["maybe", "2", "Vienna", "12.50", "consent withdrawn", "yes no"])
def test_what_says_neither_is_neither(word):
    assert meaning(word) is None


def test_blank_is_no():
    assert given("newsletter", ["ja", "", None, "nein", "n/a"]) == [True, False, False, False, False]


def test_what_is_unclear_is_no_and_named():
    customers = read_frame(
        pd.DataFrame({"consent": ["yes", "maybe", "maybe"], "unsubscribed": ["no", "no", "who knows"]})
    )
    found = read_consent(customers, Consent(("consent", "unsubscribed")))
    assert found.given.tolist() == [True, False, False]
    assert found.unclear == (("consent", "maybe", 2), ("unsubscribed", "who knows", 1))


def test_columns_of_those_who_left_are_read_the_other_way_round():
    assert given("opt_out", ["yes", "no", "1", "0"]) == [False, True, False, True]
    # A stamp says when somebody left; whoever has none is still there.
    assert given("unsubscribed_at", ["2024-05-01", "", None]) == [False, True, True]
    # Where the column says no to some, an empty cell says nothing, and nothing is no consent.
    assert given("unsubscribed", ["yes", "no", ""]) == [False, True, False]


@pytest.mark.parametrize(
    "cell",
    [
        "unsubscribed", "Opted out", "opt-out", "abgemeldet", "désinscrit", "baja", "disiscritto", "uitgeschreven",
        "withdrawn", "bounced", "hard bounce", "spam", "complained", "blocked", "pending", "unknown", "unbekannt",
        "not subscribed", "no longer subscribed", "confirmed", "yes", "x", "1", "2024-05-01", "opted out on 2024-05-01",
        "?", "maybe",
    ],
)  # fmt: skip
def test_whoever_has_left_by_a_cell_of_any_kind_is_not_contacted(cell):
    """A column of those who have left turns its own yes and no round, and no other word."""
    assert given("unsubscribed", [cell, "no"]) == [False, True]
    assert given("opt_out", [cell, "false"]) == [False, True]


@pytest.mark.parametrize(
    "cell", ["no", "nein", "non", "0", "FALSE", "never", "not unsubscribed", "subscribed", "inscrit"]
)
def test_whoever_has_not_left_is_contacted(cell):
    assert given("unsubscribed", [cell, "yes", ""]) == [True, False, False]


def test_phrases_of_consent_given_and_withdrawn_are_read():
    assert given("consent", ["wyrażono zgodę", "wycofano zgodę", "tak"]) == [True, False, True]
    assert [meaning(each) for each in ("do not contact", "dado de baja", "reddedildi")] == [False] * 3


def test_doubts_hide_no_column_of_consent():
    cells = ["yes", "no", "declined", "agreed"] * 20 + ["maybe", "?", "ask", "vielleicht", "-"]
    customers = read_frame(pd.DataFrame({"consent": cells, "n": range(len(cells))}))
    assert consent_columns(customers) == ("consent",)
    found = read_consent(customers, Consent(("consent",)))
    assert found.given.sum() == 40
    # Of doubts alone nobody can tell what they are about.
    doubts = read_frame(pd.DataFrame({"permission": ["maybe", "?", "maybe"] * 5, "n": range(15)}))
    assert consent_columns(doubts) == ()


@pytest.mark.parametrize(
    "name",
    [
        "consent",
        "Newsletter",
        "email_opt_in",
        "Accepts Marketing",
        "E-Mail-Einwilligung",
        "consentement",
        "Consentimiento",
        "consenso",
        "consentimento",
        "toestemming",
        "Zgoda marketingowa",
        "samtycke",
        "samtykke",
        "Souhlas",
        "İzin durumu",
        "suostumus",
        "DSGVO",
        "gdpr_consent",
        "Kontakt erlaubt",
        "allow_marketing",
        "pazarlama_izni",
        "opt_out",
        "unsubscribed_at",
        "Abgemeldet am",
        "désinscrit",
        "do_not_email",
    ],
)
def test_a_consent_column_is_recognised_by_name_and_cells(name):
    customers = read_frame(pd.DataFrame({name: ["1", "0", None, "1"], "spend": [1.5, 2.5, 3.0, 4.0]}))
    assert consent_columns(customers) == (name,)


@pytest.mark.parametrize(
    "name", ["spend", "newsletter_opens", "subscription_price", "AcceptedCmp1", "Response", "email"]
)
def test_other_columns_are_not(name):
    customers = read_frame(pd.DataFrame({name: ["1", "0", "0", "1"], "spent": [1.5, 2.5, 3.0, 4.0]}))
    assert consent_columns(customers) == ()


def test_a_column_called_so_that_says_something_else_is_not():
    customers = read_frame(pd.DataFrame({"newsletter": ["fashion", "food", "travel", "sports"], "n": [1, 2, 3, 4]}))
    assert consent_columns(customers) == ()


@pytest.mark.parametrize(
    "name",
    ["unsubscribed_at", "opt_out", "Abgemeldet", "désabonné le", "newsletter_unsubscribed", "baja", "Abmeldedatum"],
)
def test_names_that_say_who_left(name):
    assert is_inverted(name)


def test_without_a_column_it_is_asked_once_and_the_word_counts():
    customers = read_frame(pd.DataFrame({"spend": [1.0, 2.0]}))
    with pytest.raises(ConsentUnknownError, match="No column says who has agreed"):
        read_consent(customers, Consent())
    assert read_consent(customers, Consent(stated=EVERYBODY_AGREED)).given.all()
    with pytest.raises(UnknownColumnError):
        read_consent(customers, Consent(("opt in",)))
