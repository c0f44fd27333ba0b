"""A letter's text read as blocks: what is a list, a heading, a signature; and that no word is lost or added."""

from cycle.outbox.rules.blocks import Block, BlockKind, Span, blocks, mark

LETTER = """\
Sehr geehrte Frau Koçak,

wir laden Sie ein:

Dienstag, 21. April 2026, 14:00 Uhr
Ort: Stadthalle

Tagesordnung:
1. Stand
3. Verabredungen

Bitte nennen Sie:
- Titel
- Beginn
  und Ende

Mit freundlichen Grüßen

Jana Weißenburger
E-Mail: integration@stadt.example.org

---
Diese Nachricht wurde automatisch erstellt.
Schreiben Sie an integration@stadt.example.org.
"""


def plain(kind: BlockKind, *lines: str, numbers: tuple[int, ...] = (), close: bool = False) -> Block:
    return Block(kind, tuple((Span(line),) for line in lines), numbers, close)


def kinds(text: str) -> list[BlockKind]:
    return [block.kind for block in blocks(text)]


def test_a_letter_is_read_block_by_block() -> None:
    mail = Span("integration@stadt.example.org", href="mailto:integration@stadt.example.org")

    assert blocks(LETTER) == (
        plain(BlockKind.PARAGRAPH, "Sehr geehrte Frau Koçak,"),
        plain(BlockKind.PARAGRAPH, "wir laden Sie ein:"),
        plain(BlockKind.FACTS, "Dienstag, 21. April 2026, 14:00 Uhr", "Ort: Stadthalle"),
        plain(BlockKind.PARAGRAPH, "Tagesordnung:", close=True),
        plain(BlockKind.NUMBERS, "Stand", "Verabredungen", numbers=(1, 3)),
        plain(BlockKind.PARAGRAPH, "Bitte nennen Sie:", close=True),
        plain(BlockKind.BULLETS, "Titel", "Beginn und Ende"),
        plain(BlockKind.PARAGRAPH, "Mit freundlichen Grüßen"),
        Block(BlockKind.SIGNATURE, ((Span("Jana Weißenburger"),), (Span("E-Mail: "), mail))),
        Block(
            BlockKind.SMALL,
            ((Span("Diese Nachricht wurde automatisch erstellt."),), (Span("Schreiben Sie an "), mail, Span("."))),
        ),
    )


def test_of_several_messages_each_subject_is_a_heading_of_its_part_and_each_year_one_of_its_own() -> None:
    text = "Guten Tag,\n\n=== Plan 2025 ===\n\n1. Erste Nachricht\n\nSie hören von uns.\n\n2. Zweite Nachricht\n\nNoch etwas.\n"

    assert blocks(text) == (
        plain(BlockKind.PARAGRAPH, "Guten Tag,"),
        plain(BlockKind.HEADING, "Plan 2025"),
        plain(BlockKind.PART, "1. Erste Nachricht"),
        plain(BlockKind.PARAGRAPH, "Sie hören von uns."),
        plain(BlockKind.PART, "2. Zweite Nachricht"),
        plain(BlockKind.PARAGRAPH, "Noch etwas."),
    )


def test_what_a_line_with_a_colon_announces_is_told_apart_also_without_an_empty_line() -> None:
    assert blocks("Bitte merken Sie sich vor:\nNetzwerktreffen\nam Dienstag\n") == (
        plain(BlockKind.PARAGRAPH, "Bitte merken Sie sich vor:", close=True),
        plain(BlockKind.FACTS, "Netzwerktreffen", "am Dienstag"),
    )


def test_a_page_may_be_followed_without_the_full_stop_behind_it() -> None:
    ((line,),) = (block.lines for block in blocks("Antworten Sie unter https://umfrage.example.org/x?a=1&b=2."))

    assert line == (
        Span("Antworten Sie unter "),
        Span("https://umfrage.example.org/x?a=1&b=2", href="https://umfrage.example.org/x?a=1&b=2"),
        Span("."),
    )


def test_a_command_stands_as_it_is_typed() -> None:
    ((line,),) = (block.lines for block in blocks('- Frist verschieben: cycle date move 2026 KEY --reason "…"'))

    assert line == (Span("Frist verschieben: "), Span('cycle date move 2026 KEY --reason "…"', code=True))


def test_only_pages_and_mail_addresses_can_be_followed() -> None:
    text = "javascript:alert(1) file:///etc/passwd data:text/html,x ftp://a.example"

    assert blocks(text) == (plain(BlockKind.PARAGRAPH, text),)


def test_without_small_print_nobody_signs() -> None:
    assert kinds("Guten Tag,\n\nbis bald.\n") == [BlockKind.PARAGRAPH, BlockKind.PARAGRAPH]


def test_a_marked_paragraph_stands_for_html_of_its_own() -> None:
    assert blocks(f"Guten Tag,\n\n{mark(2)}\n\nbis bald.\n")[1] == Block(BlockKind.OWN, (), (2,))


def test_nothing_becomes_no_block() -> None:
    assert blocks("") == ()
