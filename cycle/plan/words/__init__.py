"""What the plan lends to a workflow file: checks on needs, themes, decisions and measures, and what mails follow of them."""

from cycle.plan.rules.themes import PRIMARY_CHECK
from cycle.plan.words.assessments import assessments_recorded
from cycle.plan.words.facts import FACTS, each_followup_due, each_measure_due, each_search_due, measure_owner
from cycle.plan.words.measures import measures_complete, measures_updated_since, unfinished_measures_decided
from cycle.plan.words.needs import needs_recorded_or_none_declared, needs_settled
from cycle.plan.words.themes import decided, decision_recorded, primary_theme_valid, theme_decided, theme_linked_to_need
from cycle.vocabulary import Lent

LENT = Lent(
    checks={
        "needs_recorded_or_none_declared": needs_recorded_or_none_declared,
        "needs_settled": needs_settled,
        PRIMARY_CHECK: primary_theme_valid,
        "theme_decided": theme_decided,
        "theme_linked_to_need": theme_linked_to_need,
        "decision_recorded": decision_recorded,
        "measures_updated_since": measures_updated_since,
        "measures_complete": measures_complete,
        "unfinished_measures_decided": unfinished_measures_decided,
        "assessments_recorded": assessments_recorded,
    },
    audiences={"measure_owner": measure_owner},
    ends={"decided": decided},
    dated={
        "each_measure_due": each_measure_due,
        "each_search_due": each_search_due,
        "each_followup_due": each_followup_due,
    },
    facts=FACTS,
)
