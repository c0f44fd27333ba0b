"""`cycle mail letters`: what goes by post, as a list, and as sheets to print for window envelopes."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cycle.adapters.files import write_whole
from cycle.cli import output, shell
from cycle.cli.choosing import as_day
from cycle.cli.options import Json
from cycle.cli.words import language, word

if TYPE_CHECKING:
    from cycle.partners.records import Partner
    from cycle.reminders.actions.compose import Composer
    from cycle.reminders.records import LedgerItem

TEMPLATE = "report/letters.html.j2"
MAIL_NOTICE = "\n---\n"  # what stands behind it in a letter's text speaks of the mail

FirstDay = Annotated[
    date | None, typer.Option("--from", parser=as_day, metavar="DAY", help=word("opt.letters_from"), show_default=False)
]
LastDay = Annotated[
    date | None, typer.Option("--until", parser=as_day, metavar="DAY", help=word("opt.letters_until"), show_default=False)
]


def letters(
    from_: FirstDay = None,
    until: LastDay = None,
    to: Annotated[Path | None, typer.Option("--to", metavar="FILE", help=word("opt.letters_to"), show_default=False)] = None,
    json: Json = False,
) -> None:
    from cycle.service.write import composer_of

    site = shell.site()
    with shell.reading() as answer:
        found = _letters(answer.session, from_ or date.min, until or date.max)
        composer = composer_of(site, answer.session, site.now())
        sheets = [_sheet(composer, item, partner) for item, partner in found] if to is not None else []
        ours = _our_address(answer.session, site.settings.city.organiser)
    if to is not None:
        _print(to, sheets, ours, json=json)
        return
    rows = [[item.made_on, item.template, item.partner, partner.name if partner else None] for item, partner in found]
    documents = [{"due": i.made_on, "template": i.template, "partner": i.partner} for i, _ in found]
    columns = [("col.day", "left"), ("col.template", "left"), ("col.no", "right"), ("col.partner", "left")]
    output.show(
        "title.letters", columns=columns, rows=rows, json=json, schema="cycle/letters/1", document={"letters": documents}
    )


def _letters(session: Any, first: date, last: date) -> "list[tuple[LedgerItem, Partner | None]]":
    """What lies on the pile of letters, partner by partner, in the order made."""
    from sqlmodel import col, select

    from cycle.partners.records import Partner
    from cycle.reminders.records import ItemState, LedgerItem

    query = (
        select(LedgerItem, Partner)
        .join(Partner, col(Partner.number) == col(LedgerItem.partner), isouter=True)
        .where(LedgerItem.state == ItemState.LETTER, LedgerItem.made_on >= first, LedgerItem.made_on <= last)
    )
    return list(session.exec(query.order_by(col(LedgerItem.partner), col(LedgerItem.id))))


def _sheet(composer: "Composer", item: "LedgerItem", partner: "Partner | None") -> dict[str, Any]:
    """One letter with the lines of its address; without a text where it makes no sense any more."""
    from cycle.reminders.actions.compose import Stale

    words = composer.letter(item)
    told: dict[str, Any] = {"partner": item.partner, "template": item.template, "made_on": item.made_on}
    if isinstance(words, Stale):
        return told | {"reason": words.why.value}
    names = dict.fromkeys([partner.name if partner else "", words.to_name])
    street, place = _where(partner)
    lines = [line for line in (*names, street, place) if line]
    text, found, _ = words.text.rpartition(MAIL_NOTICE)
    paragraphs = [each for each in (text if found else words.text).split("\n\n") if each.strip()]
    told |= {"reason": None, "address": lines, "complete": bool(place), "reference": words.reference}
    return told | {"subject": words.subject.removeprefix(f"[{words.reference}]").strip(), "paragraphs": paragraphs}


def _where(partner: "Partner | None") -> tuple[str, str]:
    """Street, and postcode with city; empty where they are not known."""
    if partner is None:
        return "", ""
    return partner.street or "", " ".join(filter(None, [partner.postcode, partner.city]))


def _our_address(session: Any, organiser: int | None) -> list[str]:
    """Where a letter is answered to: street and place of the organiser, as far as they are known."""
    from cycle.journal.questions import rows_where
    from cycle.partners.records import Partner

    found = rows_where(session, Partner, number=organiser) if organiser is not None else []
    return [line for line in _where(found[0] if found else None) if line]


def _print(file: Path, sheets: list[dict[str, Any]], ours: list[str], *, json: bool) -> None:
    to_print = [sheet for sheet in sheets if sheet["reason"] is None]
    html = _html(to_print, ours)
    if file.suffix.lower() == ".pdf":
        from cycle.adapters.pdf import printed

        content = printed(html)
    else:
        content = html.encode()
    write_whole(file, content)
    for sheet in sheets:
        if sheet["reason"] is not None:
            output.say("letter_not_printed", **sheet | {"reason": word(f"why.{sheet['reason']}")})
        elif not sheet["complete"]:
            output.say("letter_without_address", partner=sheet["partner"], name=sheet["address"][0])
    if json:
        output.as_json({"schema": "cycle/letters-printed/1", "file": str(file), "letters": sheets})
    else:
        output.say("letters_printed", count=len(to_print), file=file)


def _html(sheets: list[dict[str, Any]], ours: list[str]) -> str:
    from cycle.adapters.templates import Letters

    site = shell.site()
    letters = Letters(site.files.folders("templates"), (language(),))
    told = {
        "sheets": sheets,
        "ours": ours,
        "sender": site.settings.sender,
        "city": site.settings.city.name,
        "today": site.today(),
    }
    words = {"lang": language(), "say": site.wording.sentence, "show": site.wording.value}
    return letters.text(TEMPLATE, told | words)
