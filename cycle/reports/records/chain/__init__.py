"""The way from a need over theme and measures to the result, and back; read from the plan's rows and the journal."""

from cycle.reports.records.chain.measure import came_from, measure_link
from cycle.reports.records.chain.need import need_link, need_links
from cycle.reports.records.chain.whole import theme_links

__all__ = ["came_from", "measure_link", "need_link", "need_links", "theme_links"]
