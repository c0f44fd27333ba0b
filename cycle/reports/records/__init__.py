"""The questions an auditor asks of a year, each answered from what a session sees: now, or as of a moment."""

from cycle.reports.records.acts import acts_of
from cycle.reports.records.decisions import decisions
from cycle.reports.records.exceptions import exceptions
from cycle.reports.records.informed import informed
from cycle.reports.records.lateness import lateness
from cycle.reports.records.roles import roles

__all__ = ["acts_of", "decisions", "exceptions", "informed", "lateness", "roles"]
