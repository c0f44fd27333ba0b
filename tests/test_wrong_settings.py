"""Settings that are missing or wrong: named with their place and what would be right; nothing is changed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from refusals import refused, spoil
from small_town import settle

from cycle.cli import shell


@pytest.fixture
def town(cycle: Any) -> Any:
    return settle(cycle)


@pytest.fixture
def settings(town: Any) -> Iterator[Path]:
    """The site's settings, to be spoilt; put right again at the end."""
    file: Path = town.home / "config" / "cycle.toml"
    kept = file.read_bytes()
    shell.close()
    yield file
    file.write_bytes(kept)
    shell.close()


def test_without_a_settings_file_the_place_and_the_remedy_are_named(town: Any, settings: Path) -> None:
    kept = settings.read_bytes()
    settings.unlink()

    said = town("status 2025", code=2)

    settings.write_bytes(kept)
    assert said.err == (
        f"Die Einstellungen {settings} sind nicht lesbar: Datei oder Ordner gibt es nicht. "
        "Ist das der Ordner des Standorts (CYCLE_HOME)? Anlegen mit: cycle init\n"
    )


def test_broken_toml_is_named_with_file_and_line(town: Any, settings: Path) -> None:
    spoil(settings, 'language = "de"', "language = de")

    err = refused(town, "status 2025", 2)

    assert err == (
        f"Die Einstellungen {settings} sind in Zeile 6, Spalte 12 kein gültiges TOML "
        "(der Wert ist weder eine Zahl noch true oder false noch ein Text in Anführungszeichen). "
        "Berichtigen Sie die Zeile; Texte stehen in Anführungszeichen.\n"
    )


def test_settings_that_end_too_early_are_named_with_their_last_line(town: Any, settings: Path) -> None:
    settings.write_text('plan = "integration"\n[city', encoding="utf-8")

    assert refused(town, "status 2025", 2).startswith(f"Die Einstellungen {settings} sind in Zeile 2, Spalte 6 kein")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('plan = "integration', "ein Text in Anführungszeichen hört in der Zeile nicht auf"),
        ('plan = "a\\q"', "in einem Text steht ein Rückstrich, wo keiner stehen darf"),
        ("plan", "nach dem Namen fehlt ein „=“"),
        ('plan = "a" b', "hinter dem Wert steht noch etwas"),
        ("[city", "eine Klammer ist nicht geschlossen"),
        ("anchors.mail = [1 2]", "eine Klammer ist nicht geschlossen"),
        ('plan = "a"\nplan = "b"', "diese Angabe steht schon an anderer Stelle"),
        ("= plan", "hier steht ein Zeichen, das nicht hierher gehört"),
    ],
)
def test_broken_toml_is_told_by_what_went_wrong(town: Any, settings: Path, line: str, told: str) -> None:
    settings.write_text(f"{line}\n", encoding="utf-8")

    assert f"({told})" in refused(town, "status 2025", 2)


def test_a_list_an_address_and_a_number_are_asked_for_by_name(town: Any, settings: Path) -> None:
    settings.write_text(
        'anchors.mail = "a"\nservice.ping_url = "x"\nsmtp.data_timeout_seconds = nan\nsmtp.pool = nan\n', encoding="utf-8"
    )

    assert [line.split(": ", 1)[1] for line in refused(town, "status 2025", 2).splitlines()[1:]] == [
        "smtp.pool muss eine Zahl sein.",
        "smtp.data_timeout_seconds ist zu klein oder zu groß (Grenze 0.0).",
        "service.ping_url muss eine Adresse sein, die mit http:// oder https:// beginnt.",
        'anchors.mail muss eine Liste von Texten sein, zum Beispiel ["a", "b"].',
    ]


def test_settings_that_are_no_text_are_named(town: Any, settings: Path) -> None:
    settings.write_bytes(b"\xff\xfe\x00plan")

    assert refused(town, "status 2025", 2).startswith(f"Die Einstellungen {settings} sind keine Textdatei in UTF-8.")


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_known_one(town: Any, settings: Path) -> None:
    spoil(settings, "reply_to =", "replyto =")

    assert refused(town, "status 2025", 2).splitlines() == [
        f"Die Einstellungen {settings} stimmen nicht. Berichtigen Sie:",
        f"  {settings}:21: mail.replyto gibt es nicht. Meinten Sie mail.reply_to?",
    ]


def test_every_wrong_setting_is_named_at_once(town: Any, settings: Path) -> None:
    spoil(settings, 'tls = "starttls"', 'tls = "ssl"')
    spoil(settings, "port = 587", "port = 70000")
    spoil(settings, 'host = ""', "host = 25")
    spoil(settings, "pool = 4", 'pool = "viele"')
    lines = settings.read_text(encoding="utf-8").splitlines()
    line = {text.partition(" = ")[0]: number for number, text in enumerate(lines, start=1)}

    assert refused(town, "status 2025", 2).splitlines() == [
        f"Die Einstellungen {settings} stimmen nicht. Berichtigen Sie:",
        f"  {settings}:{line['host']}: smtp.host muss ein Text in Anführungszeichen sein.",
        f"  {settings}:{line['port']}: smtp.port ist zu klein oder zu groß (Grenze 65535).",
        f"  {settings}:{line['tls']}: smtp.tls darf nur sein: starttls, tls, none",
        f"  {settings}:{line['pool']}: smtp.pool muss eine Zahl sein.",
    ]


def test_a_wrong_variable_is_named_instead_of_the_file(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("CYCLE_SMTP__PORT", "viele")

        err = refused(town, "status 2025", 2)

    assert err.splitlines()[1:] == ["  CYCLE_SMTP__PORT: smtp.port muss eine Zahl sein."]


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("CYCLE_SMTP", "127.0.0.1", "smtp ist ein Abschnitt; seine Angaben stehen unter [smtp]."),
        ("CYCLE_MAIL", "", "mail ist ein Abschnitt; seine Angaben stehen unter [mail]."),
        ("CYCLE_DATABASE", "/srv/x.db", "database ist ein Abschnitt; seine Angaben stehen unter [database]."),
        ("CYCLE_SMTP", "[" * 60_000, "smtp ist ein Abschnitt; seine Angaben stehen unter [smtp]."),
        ("CYCLE_CITY", "[1]", "city ist ein Abschnitt; seine Angaben stehen unter [city]."),
        ("CYCLE_ANCHORS__MAIL", "a", 'anchors.mail muss eine Liste von Texten sein, zum Beispiel ["a", "b"].'),
    ],
)
def test_a_variable_that_is_no_section_or_list_is_named(
    town: Any, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv(variable, value)

        err = refused(town, "status 2025", 2)

    assert err.splitlines()[1:] == [f"  {variable}: {told}"]


def test_settings_that_are_nothing_but_brackets_are_told_as_broken(town: Any, settings: Path) -> None:
    settings.write_text("x=" + "[" * 100_000, encoding="utf-8")

    assert "(eine Klammer ist nicht geschlossen)" in refused(town, "status 2025", 2)


def test_an_unknown_time_zone_is_named(town: Any, settings: Path) -> None:
    spoil(settings, "Europe/Berlin", "Europa/Berlin")

    assert "„Europa/Berlin“" in refused(town, "status 2025", 2)
