"""A workflow as a table, a diagram and a schema."""

from collections.abc import Callable

from cycle.workflow.model import Workflow
from cycle.workflow.show import Row, Section, as_mermaid, as_rows, as_schema

Shipped = Callable[[str], Workflow]


def test_the_rows_tell_phases_dates_and_checks(shipped: Shipped) -> None:
    assert as_rows(shipped("toy"), "en") == (
        Row(Section.PHASE, "planned", "Preparation", "invitation_due", "P1"),
        Row(Section.PHASE, "meeting", "Talk", "talk", "G1"),
        Row(Section.PHASE, "closed", "Closed", "", "final"),
        Row(Section.DATE, "invitation_due", "Invitation", "talk - 28d, prev_workday (public)", "sent: invitation"),
        Row(Section.DATE, "talk", "Talk", "nth_weekday(5, Wed, 2), plus_week (public)", "held: talk"),
        Row(Section.CHECK, "P1", "Day confirmed", "dates_confirmed(dates: anchors)", "hard"),
        Row(Section.CHECK, "G1", "Talk held, people counted", "meeting_held(attendance: [on_site], meeting: talk)", "soft"),
    )


def test_a_narrowed_end_and_years_are_told(shipped: Shipped) -> None:
    integration = {row.key: row for row in as_rows(shipped("integration"), "de") if row.section is Section.DATE}
    climate = {row.key: row for row in as_rows(shipped("climate_eea"), "de")}

    assert integration["spring_minutes_due"].end == "document: minutes, of: spring"
    assert climate["documents_due"].rule == "external_audit - 30wd, when {every: 3, first: 2026}"
    assert climate["X3"].rule == (
        "number_recorded(number: points_external, of: points_possible, thresholds: {award: 50, gold: 75})"
    )


def test_the_diagram_shows_forward_skip_back_and_reopen(shipped: Shipped) -> None:
    lines = as_mermaid(shipped("integration"), "en").splitlines()

    assert lines[:3] == [
        "stateDiagram-v2",
        '    state "Preparation" as planned',
        '    state "Status analysis" as status_analysis',
    ]
    assert lines[8:] == [
        "    [*] --> planned",
        "    planned --> status_analysis",
        "    status_analysis --> focus_theme",
        "    focus_theme --> round_table",
        "    round_table --> autumn_review",
        "    autumn_review --> measures",
        "    measures --> closed",
        "    focus_theme --> autumn_review : skip"
        " (merged with the spring meeting, force majeure, newsletter instead of a meeting)",
        "    planned --> focus_theme : skip (plan is being rewritten)",
        "    autumn_review --> closed : skip (no measures needed)",
        "    focus_theme --> status_analysis : back",
        "    round_table --> focus_theme : back",
        "    autumn_review --> round_table : back",
        "    autumn_review --> focus_theme : back",
        "    measures --> autumn_review : back",
        "    closed --> measures : reopen",
        "    closed --> [*]",
    ]


def test_the_diagram_goes_around_a_phase_that_not_every_year_has(shipped: Shipped) -> None:
    lines = as_mermaid(shipped("climate_eea"), "de").splitlines()

    assert [line.strip() for line in lines if line.startswith("    work_programme --> ") and ":" not in line] == [
        "work_programme --> external_audit",
        "work_programme --> implementation",
    ]


def test_the_schema_describes_a_file_as_people_write_it() -> None:
    schema = as_schema()
    text = {"type": "string"}

    assert schema["required"] == [
        "plan",
        "cycle",
        "timezone",
        "languages",
        "calendars",
        "send_window",
        "roles",
        "escalation",
        "dates",
        "phases",
    ]
    assert schema["additionalProperties"] is False
    assert schema["$defs"]["Done"] == {
        "anyOf": [text, {"type": "object", "minProperties": 1, "additionalProperties": text}],
    }
    assert set(schema["$defs"]["CheckRule"]["properties"]) == {"label_de", "label_en", "check", "hard"}
    assert set(schema["$defs"]["SendWindow"]["properties"]) == {
        "days",
        "from",
        "to",
        "not_on",
        "requests_and_reminders_not_in",
    }
