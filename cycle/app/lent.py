"""All words that houses lend to workflow files, joined. A name lent twice is an error when this is imported."""

from cycle.dates.words import LENT as DATES
from cycle.documents.words import LENT as DOCUMENTS
from cycle.inventory.words import LENT as INVENTORY
from cycle.meetings.words import LENT as MEETINGS
from cycle.partners.words import LENT as PARTNERS
from cycle.phases.words import LENT as PHASES
from cycle.plan.words import LENT as PLAN
from cycle.reminders.words import LENT as REMINDERS
from cycle.vocabulary import join

LENT = join([DATES, DOCUMENTS, PARTNERS, INVENTORY, PLAN, MEETINGS, PHASES, REMINDERS])
