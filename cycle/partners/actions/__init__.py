"""What is done to partners and groups: imported, edited, left, merged. Called with an open journal entry."""

from cycle.partners.actions.groups import edit_group, import_groups
from cycle.partners.actions.imports import import_partners
from cycle.partners.actions.organisations import bounced, edit_partner, leave, merge

__all__ = ["bounced", "edit_group", "edit_partner", "import_groups", "import_partners", "leave", "merge"]
