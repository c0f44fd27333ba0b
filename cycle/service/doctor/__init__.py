"""What is wrong with a site and how to mend it: each thing looked at by itself, so that one fault hides no other."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from cycle.app.furnishing import load_settings, wording_of
from cycle.app.opening import open_site
from cycle.app.site import Site
from cycle.errors import CycleError
from cycle.service.doctor import files, kept, running
from cycle.service.doctor.examined import Examined, Health, error_found
from cycle.settings import unknown_variables


def examine(home: Path) -> list[Examined]:
    """Everything that can be looked at without changing anything."""
    found: list[Examined] = []
    words = wording_of(home, os.environ.get("CYCLE_LANGUAGE", "de"))
    for name in unknown_variables(list(os.environ)):
        found.append(Examined(Health.WARNING, "unknown_variable", {"variable": name}))
    try:
        words = wording_of(home, load_settings(home).language)
        found.append(Examined(Health.GOOD, "settings"))
        site = open_site(home)
    except CycleError as error:
        return [*found, error_found(error, words)]
    try:
        for look in (
            kept.database,
            kept.journal,
            kept.guard,
            kept.erasures,
            running.anchors,
            files.workflow,
            files.calendars,
            files.templates,
            files.documents,
            running.mail,
            running.outbox,
            running.service,
        ):
            found += _looked(look, site)
    finally:
        site.database.dispose()
    return _once(found)


def _looked(look: Callable[[Site], Iterator[Examined]], site: Site) -> list[Examined]:
    found: list[Examined] = []
    try:
        for each in look(site):
            found.append(each)  # one by one: what was seen before an error counts
    except CycleError as error:
        found.append(error_found(error, site.wording))
    return found


def _once(found: list[Examined]) -> list[Examined]:
    """Without the errors told before: several looks need the workflow, and each meets the same mistakes in it."""
    told: list[Examined] = []
    for each in found:
        if each.key != "error" or each.document() not in [other.document() for other in told]:
            told.append(each)
    return told
