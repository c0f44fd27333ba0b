"""`cycle report`: the year for the council, the plan's version, and what an auditor asks of a year. One file a report."""

from cycle.cli.helping import noun
from cycle.cli.report.decisions import decisions
from cycle.cli.report.dossier import dossier
from cycle.cli.report.exceptions import exceptions
from cycle.cli.report.informed import informed
from cycle.cli.report.lateness import lateness
from cycle.cli.report.plan import plan
from cycle.cli.report.year import year
from cycle.cli.words import word

app = noun("report")
for name, command in (
    ("year", year),
    ("plan", plan),
    ("lateness", lateness),
    ("exceptions", exceptions),
    ("informed", informed),
    ("decisions", decisions),
    ("dossier", dossier),
):
    app.command(name, help=word(f"cli.report.{name}"))(command)
