"""What goes wrong in one year keeps no other from its mails; it is told, and looked at again."""

from typing import Any

from small_town import mailed, name_everybody, run, settle

from cycle.app.places import data_root
from cycle.cli import shell

TOY_INVITATION = "2025-04-16T09:00:00+02:00"


def test_a_year_whose_calendar_is_broken_keeps_no_other_plan_from_its_mails(cycle: Any) -> None:
    text = (data_root() / "workflows" / "toy.yaml").read_text(encoding="utf-8")
    toy = cycle.home / "workflows" / "toy.yaml"
    toy.write_text(text.replace("host: {label", "coordinator: {label").replace("[host]", "[coordinator]"), encoding="utf-8")
    town = settle(cycle)
    name_everybody(town)
    town("start 2025 --plan toy")
    town("date confirm 2025 talk --plan toy")
    calendar = town.home / "config" / "calendars" / "calendar_bw.csv"
    kept = calendar.read_bytes()
    calendar.write_bytes(b"kein Kalender")
    shell.close()

    said = town("run --once", at=TOY_INVITATION, code=None)
    there = mailed(town, "invitation")
    calendar.write_bytes(kept)
    shell.close()
    again = run(town)

    assert said.code == 2, said.err
    assert "calendar_bw.csv" in said.err
    assert len(there) == 3
    assert again["queued"] + again["missed"] > 0
