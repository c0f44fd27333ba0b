"""What a survey came to, group by group; reads only."""

from cycle.cycles.records import Year
from cycle.inventory.records import given_answers, invited_numbers, neutral_numbers
from cycle.inventory.rules.response import Response
from cycle.inventory.rules.response import response as counted_response
from cycle.partners.records import memberships


def responses(year: Year) -> dict[str | None, Response]:
    """The same for each network group by its code, a partner counting in each of its groups; None for those in no group."""
    invited, given, neutral = invited_numbers(year), given_answers(year), neutral_numbers(year)
    groups: dict[str | None, list[int]] = {}
    for each in memberships(year.session):
        if each.number in invited:
            for code in each.groups or (None,):
                groups.setdefault(code, []).append(each.number)
    ordered = sorted(groups.items(), key=lambda item: (item[0] is None, item[0] or ""))
    return {code: counted_response(numbers, given, neutral) for code, numbers in ordered}
