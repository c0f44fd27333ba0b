"""Who was informed by which kind of mail: how many, when, and what came back. No addresses."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from cycle.cycles.records import Year
from cycle.reports.records.informed import tellings
from cycle.reports.rules.dossier import Missed, Told
from cycle.reports.rules.informed import How, Telling
from cycle.workflow.model import MailKind

# What a mail came to that went out and is not known to have arrived.
NOT_ARRIVED = frozenset({"bounced", "failed", "unclear", "permanent", "fault"})


def mails(about: Year, organisations: Mapping[int, str]) -> tuple[tuple[Told, ...], tuple[Missed, ...]]:
    """What was told by kind of mail in the order of its first day, and what did not reach an organisation."""
    found = tellings(about)
    by_template: dict[str, list[Telling]] = defaultdict(list)
    for each in found:
        by_template[each.template].append(each)
    told = [_told(about, template, of) for template, of in by_template.items()]
    return tuple(sorted(told, key=lambda each: (each.first, each.template))), _missed(found, organisations)


def _told(about: Year, template: str, found: Sequence[Telling]) -> Told:
    reached = [each for each in found if each.reached]
    days = [each.on or each.day for each in reached or found]
    failed = sum(not each.reached and each.why in NOT_ARRIVED for each in found)
    return Told(
        template=template,
        kind=_kind(about, template),
        mails=sum(each.how is How.MAIL for each in found),
        letters=sum(each.how is How.LETTER for each in found),
        partners=len({each.partner for each in reached if each.partner is not None}),
        failed=failed,
        not_sent=len(found) - len(reached) - failed,
        first=min(days),
        last=max(days),
    )


def _kind(about: Year, template: str) -> str:
    try:
        return about.workflow.mails.kind_of(template)
    except KeyError:  # written by hand
        return MailKind.INFORMATION


def _missed(found: Sequence[Telling], organisations: Mapping[int, str]) -> tuple[Missed, ...]:
    told = []
    for each in found:
        if each.partner is None or each.reached or each.why not in NOT_ARRIVED:
            continue
        later = (one.on for one in found if one.partner == each.partner and one.reached and one.on and one.on >= each.day)
        told.append(Missed(each.partner, organisations[each.partner], each.template, each.day, min(later, default=None)))
    return tuple(told)
