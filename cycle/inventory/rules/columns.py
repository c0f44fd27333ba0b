"""The columns of the three files of the inventory, and the words in them that no workflow lists.

The headers and words are those of the files that offices keep (German first, English beside it).
"""

from collections.abc import Mapping

from cycle.inventory.rules.response import AnswerChannel

SURVEY = {
    "partner": ("Partner Nr", "Partner no."),
    "answered_on": ("Beantwortet", "Answered on"),
    "channel": ("Antwortweg", "Channel"),
    "usable": ("Verwertbar", "Usable"),
    "projects": ("Projekte", "Projects"),
}
PROJECTS = {
    "number": ("Nr", "No.", "Projekt Nr"),
    "title": ("Projekttitel", "Title"),
    "carrier": ("Träger Nr", "Carrier no."),
    "partners": ("Kooperation mit Nr", "Partners no."),
    "fields": ("Handlungsfelder", "Fields"),
    "target_groups": ("Zielgruppen", "Target groups"),
    "direction": ("Richtung", "Direction"),
    "starts": ("Beginn", "Starts"),
    "ends": ("Ende", "Ends"),
    "status": ("Status", "Stand"),
    "amount": ("Finanzvolumen EUR", "Amount EUR"),
    "funding": ("Finanzierung", "Funding"),
    "participants": ("Teilnehmende pro Jahr", "Participants a year"),
    "district": ("Stadtteil", "District"),
    "inventory_year": ("Erhebungsjahr", "Inventory year"),
    "answered_on": ("Antwort vom", "Answered on"),
    "remark": ("Bemerkung", "Remark"),
}
REVIEWS = {
    "project": ("Projekt Nr", "Project no."),
    "answered_on": ("Beantwortet", "Answered on"),
    "channel": ("Antwortweg", "Channel"),
    "status": ("Stand", "Status"),
    "ended_on": ("Ende", "Ended on"),
    "reached": ("Erreichte Personen", "People reached"),
    "obstacles": ("Hindernisse", "Obstacles"),
    "remark": ("Bemerkung", "Remark"),
}

CHANNELS: Mapping[str, AnswerChannel] = {
    "formular": AnswerChannel.FORM,
    "form": AnswerChannel.FORM,
    "e-mail": AnswerChannel.MAIL,
    "mail": AnswerChannel.MAIL,
    "telefon": AnswerChannel.PHONE,
    "phone": AnswerChannel.PHONE,
    "post": AnswerChannel.POST,
    "brief": AnswerChannel.POST,
}
YES_OR_NO: Mapping[str, bool] = {"": True, "ja": True, "yes": True, "nein": False, "no": False}
