"""The part on plan and reality: late dates, moves, waivers, steps back, corrections, each with its reason."""

from cycle.reports.actions.year.telling import Told
from cycle.reports.rules.lateness import DateLine, Moved
from cycle.reports.rules.paper import Cell, Heading, Items, Part, kept, row

# Of what kind the thing is that a date waited for.
WAITED = {"met": "check", "held": "meeting", "left": "phase", "entered": "phase", "document": "documents", "sent": "mail_title"}
WAITED |= {"decided": "decision_subjects"}


def dates(told: Told) -> Part:
    """How the plan was kept."""
    year = told.year
    late = sorted(year.lateness.late, key=lambda line: line.date.planned)
    columns = told.columns(date="", first_plan="day", actual="day", late="num", reason="")
    moved = told.columns(what="", to="day", reason="")
    moved = (moved[0], *told.columns(**{"from": "day"}), *moved[1:])
    blocks = [
        told.text("dates_intro"),
        *_headed(told, "late_dates", told.table("late_dates_caption", columns, [_late(told, each) for each in late])),
        *_headed(told, "moves", told.table("moves_caption", moved, [_moved(told, each) for each in year.lateness.moves])),
        *_headed(told, "waivers", told.items(*(told.tell("waiver", each) for each in year.waivers))),
        *_headed(told, "back", told.items(*(told.tell("step_back", each) for each in year.steps_back))),
        *_headed(told, "corrections", told.items(*(told.tell("correction", each) for each in year.corrections))),
    ]
    return Part("dates", told.label("dates"), kept(blocks))


def _headed(told: Told, key: str, block: object) -> list[object]:
    there = block.items if isinstance(block, Items) else getattr(block, "rows", ())
    return [Heading(told.label(key)), block] if there else []


def _late(told: Told, line: DateLine) -> tuple[Cell, ...]:
    asked = line.date
    return row(
        told.names.of("date", asked.key),
        told.day(asked.first_planned),
        told.day(asked.actual) if asked.actual else told.wording.sentence(f"dossier.date_status.{asked.status}"),
        Cell(told.day(line.late_in_all), late=True),
        "; ".join(_reasons(told, line)) or "–",
    )


def _reasons(told: Told, line: DateLine) -> list[str]:
    """Why a date was late: that it was moved, decisions that failed, what stood open, else what it waited for."""
    asked = line.date
    moves = {move.act.seq: move for move in told.year.lateness.moves}
    own = [moves[number] for number in line.moved_by if moves[number].key == asked.key]
    found = [told.tell("moved_because", move.act.reason) for move in own]
    found += [told.tell("attempt", each) for each in asked.attempts]
    found += [told.tell("open_check", check) for check in line.open_checks]
    key = f"waited.{asked.done}"
    if key in told.wording and not asked.attempts and not line.open_checks:
        value = told.names.of(WAITED.get(asked.done, ""), asked.done_value)
        found.append(told.wording.sentence(key, value=value))
    return found


def _moved(told: Told, move: Moved) -> tuple[Cell, ...]:
    rule, group = move.act.data.get("rule"), move.act.data.get("group")
    called = told.names.of("meeting", str(rule)) if rule else told.names.of("date", move.key)
    followers = told.tell("followers", len(move.followers)) if move.followers else ""
    return row(
        Cell(" ".join(filter(None, [called, group])), tuple(filter(None, [followers]))),
        told.day(move.before),
        told.day(move.after),
        told.tell("why", move.act.reason),
    )
