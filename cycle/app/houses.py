"""The houses that a database is made of. The journal, which stands below them all, asks here when it needs every table."""

from cycle.journal.records import HOUSES


def load_every_table() -> None:
    """Load the tables of all houses, as far as this process did not need them yet."""
    import cycle.cycles.records
    import cycle.dates.records
    import cycle.documents.records
    import cycle.inventory.records
    import cycle.meetings.records
    import cycle.outbox.records
    import cycle.partners.records
    import cycle.people.records
    import cycle.phases.records
    import cycle.plan.records.assessments
    import cycle.plan.records.followups
    import cycle.reminders.records  # noqa: F401


HOUSES.append(load_every_table)
