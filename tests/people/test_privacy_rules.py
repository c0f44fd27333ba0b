"""How long something is kept, what counts as a citation of the law, and how a person is found in a text."""

from datetime import date

import pytest

from cycle.errors import WrongInput
from cycle.people.rules import called, citation, kept_until, naming, surnames

FOUND = naming(
    salutations={"Frau", "Ms"}, names={("Xenia", "Groß-Quast"), ("", "Ernst")}, addresses={"x.q@verein.example", "0711 98"}
)


@pytest.mark.parametrize(
    ("ended", "months", "until"),
    [
        (date(2025, 3, 3), 12, date(2026, 3, 3)),
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2023, 12, 31), 2, date(2024, 2, 29)),
        (date(2025, 12, 1), 24, date(2027, 12, 1)),
        (date(2025, 11, 30), 1, date(2025, 12, 30)),
        (date(2025, 5, 5), 0, date(2025, 5, 5)),
    ],
)
def test_kept_are_whole_months(ended: date, months: int, until: date) -> None:
    assert kept_until(ended, months) == until


@pytest.mark.parametrize(
    "text",
    [
        "Art. 17 DSGVO",
        "Art. 17 Abs. 1 lit. a DSGVO",
        "Art. 17 Abs. 1 Buchst. b DS-GVO",
        "Art. 17(1)(a) GDPR",
        "§ 4 LDSG",
        "§ 35 BDSG",
        "§ 3 Abs. 2 Satz 1 LArchG BW",
        "Artikel 5 Absatz 1 DSGVO",
    ],
)
def test_a_citation_of_the_law_is_taken(text: str) -> None:
    assert citation(f"  {text} ") == text


@pytest.mark.parametrize(
    "text", ["Frau Quast will es", "DSGVO", "Art. 17", "Art. 17 DSGVO, Frau Quast", "Art. 17 Xenia Quast", "§ Quast BDSG"]
)
def test_anything_else_is_none(text: str) -> None:
    with pytest.raises(WrongInput) as error:
        citation(text)

    assert error.value.key == "legal_basis_unreadable"


@pytest.mark.parametrize(
    "text",
    [
        "Frau Groß-Quast rief an",
        "Frau Dr. Groß-Quast rief an",
        "Xenia Groß-Quast",
        "Xenia\nGroß-Quast",
        "Sehr geehrte Frau\nErnst",
        "an: Groß-Quast, Xenia",
        "X.Q@verein.example",
        "Tel. 0711 98",
        "Sehr geehrte Frau Ernst",
    ],
)
def test_a_person_is_found_by_name_address_and_number(text: str) -> None:
    assert FOUND.search(text)


@pytest.mark.parametrize(
    "text", ["im Ernst", "Verein Groß-Quast", "Frau Xenia", "0711 12", "", "Xenia Groß", "Frau Ernst-Quast", "Frau Sanft-Ernst"]
)
def test_nobody_else_is_found(text: str) -> None:
    assert not FOUND.search(text)


def test_a_family_name_alone_is_found_as_it_is_written() -> None:
    alone = surnames({("Xenia", "Ernst"), ("", "")})

    assert [bool(alone.search(text)) for text in ("der Ernst der Lage", "ernst", "Ernste", "")] == [True, False, False, False]
    assert not surnames(set()).search("irgendwer")


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Xenia Ernst", "Xenia", "Ernst"),
        (" Prof. Dr. h.c.  Xenia Ernst", "Xenia", "Ernst"),
        ("Frau Dr.-Ing. Xenia Ernst, Hochschule Musterstadt", "Xenia", "Ernst"),
        ("Dr.Xenia Ernst (Caritas)", "Xenia", "Ernst"),
        ("Xenia Ernst M.A.", "Xenia", "Ernst"),
        ("Xenia Ernst – Caritas", "Xenia", "Ernst"),
        ("Ernst, Dr. Xenia", "Xenia", "Ernst"),
        ("Xenia M. van der Ernst-Quast", "Xenia M. van der", "Ernst-Quast"),
        ("X. Ernst", "", "Ernst"),
        ("Ernst", "", "Ernst"),
        ("Xenia E.", "Xenia", "E."),
        ("N.N.", "", ""),
        ("", "", ""),
    ],
)
def test_a_programme_names_somebody_with_titles_in_front_and_more_behind(text: str, first: str, last: str) -> None:
    assert called(text, {"Frau"}) == (first, last)
