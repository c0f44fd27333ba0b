"""Each entry of the history is one German sentence that an auditor understands: no id and no English word in it."""

import csv
import io
import re
from pathlib import Path
from typing import Any

RAW = re.compile(r"\b[a-z]+_[a-z_0-9]+|\bp:|\b(None|True|False|advance|running|on_site|carried|withheld|bounced)\b|[{}]")


def told(cycle: Any, line: str = "history list --csv") -> list[tuple[str, str]]:
    rows = csv.DictReader(io.StringIO(cycle(line).out.lstrip("\ufeff")), delimiter=";")
    return [(row["Art"], row["Was"]) for row in rows]


def test_no_sentence_of_a_whole_year_holds_an_id_or_an_english_word(story: Any) -> None:
    cycle = story("the whole story")

    found = told(cycle)

    assert [each for each in found if RAW.search(each[1])] == []
    assert len({kind for kind, _ in found}) > 40


def test_what_the_changes_of_an_entry_say_stands_in_its_sentence(story: Any) -> None:
    cycle = story("the whole story")
    lines = (
        "decision record 2026 theme --theme T2 --body Integrationsausschuss --outcome failed_quorum --present 8 --members 19",
        "mail queue 2026 --template contact_check --to active_partners",
        'group edit NG1 --name "Sprache"',
        "followup add 2026 Zahlen --body Gemeinderat --due 2026-09-30",
        "followup done 2026 W-2026-01 --result geliefert",
        'measure assess 2026 M-2025-03 --as at_risk --by-role Integrationsausschuss',
        'meeting agenda add 2026 spring "Begrüßung" --minutes 10',
        'meeting register 2026 spring --partner 4 --on-site 2 --need "Sprachmittlung ar=1"',
        'need none 2026 --reason "Nichts gemeldet worden"',
        "theme confirm 2026 T2",
        'hold 2026 --until 2026-04-01 --reason "Krise im Landkreis"',
        'resume 2026 --reason "Krise ist vorbei"',
        'meeting cancel 2026 spring --reason "wegen Sturm abgesagt"',
    )  # fmt: skip
    for line in lines:
        cycle(line)

    added = told(cycle, f"history list --csv --last {len(lines)}")

    mails = re.compile(r"(?<=Nachrichten: )[\d, …]+")
    assert [mails.sub("…", sentence) for _, sentence in added] == [
        "Gremium Integrationsausschuss, Gegenstand Schwerpunktthema: nicht beschlussfähig (anwesend 8 von 19).",
        "Eingereiht: 55 Schreiben, Abgleich der Kontaktdaten (Nachrichten: …).",
        "Die Netzwerkgruppe NG1 ist geändert: Name.",
        "Die Wiedervorlage W-2026-01 ist angelegt (Gemeinderat, bis 30.09.2026).",
        "Die Wiedervorlage W-2026-01 ist erledigt.",
        "Die Maßnahme M-2025-03 ist bewertet (Integrationsausschuss): gefährdet.",
        "Das Treffen Netzwerktreffen ist geändert: Programm.",
        "Zum Treffen Netzwerktreffen sind angemeldet: Partner 4.",
        "Es ist erklärt, dass es keine offenen Bedarfe gibt.",
        "Das Thema T2, beschlossen am 17.07.2025, ist bestätigt.",
        "Das Jahr ist in der Phase Statusanalyse ausgesetzt.",
        "Das Jahr läuft in der Phase Statusanalyse weiter.",
        "Das Treffen Netzwerktreffen ist abgesagt.",
    ]


def test_a_lower_bound_is_told_as_one(story: Any) -> None:
    cycle = story("the whole story")

    (held,) = [sentence for _, sentence in told(cycle, "history list 2025 --type meeting.held --csv") if "62" in sentence]

    assert held == "Das Treffen Netzwerktreffen fand statt (vor Ort 62, online mindestens 100)."


def test_the_report_and_the_dossier_count_the_same_exceptions(story: Any, tmp_path: Path) -> None:
    cycle = story("the whole story")

    lines = cycle("report exceptions 2025 --csv").out.splitlines()[1:]
    last = cycle("report exceptions 2025").out.splitlines()[-1]
    cycle(f"report dossier 2025 --out {tmp_path / 'dossier.html'}")
    (cover,) = re.findall(r"Ausnahmen, jede[^<]*</dt><dd>(\d+)</dd>", (tmp_path / "dossier.html").read_text(encoding="utf-8"))

    assert (len(lines), int(cover), last) == (9, 9, "Ausnahmen: 9. Verweigerte Versuche, die nichts änderten: 6.")
    assert not [line for line in lines if RAW.search(line)]


def test_no_cell_of_the_dossier_is_headed_by_nothing(story: Any, tmp_path: Path) -> None:
    cycle = story("the whole story")

    cycle(f"report dossier 2025 --out {tmp_path / 'dossier.html'}")

    assert "None" not in (tmp_path / "dossier.html").read_text(encoding="utf-8")
