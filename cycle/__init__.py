"""The engine of a municipal plan's yearly update.

A house may use the houses below it, never one above; houses of one line do not know each other (import-linter holds it).

    cli                                   the coordinator's and the auditor's commands, one module a noun
    demo                                  Musterstadt's 2025, told by its command lines
    service                               the alarm clock: wake, tick, deliver, heartbeat
    app                                   builds everything once, from settings (with the migrations)
    reports                               the year for the council, the plan's new version, the auditor's dossier and questions
    reminders                             who hears what and when: ladder, window, bundling, escalation
    phases                                the year's state machine: advance, back, skip, waive, hold, cancel
    outbox                                messages: hold, claim, send, mark, bounce
    inventory | plan | meetings           survey, projects, gaps | needs, themes, measures | meetings, attendance
    documents | dates | partners          filed results | date rules, calendars, moves | organisations, contacts, groups
    cycles                                a plan, its cycles, the workflow each is pinned to
    people                                persons, logins, roles and their spans
    workflow                              a YAML file becomes a typed Workflow, or every mistake with line and column
    journal                               the only writer: chain, verify, replay
    vocabulary                            the types of what a house may lend
    adapters                              clock, database, smtp, maildir, templates, scheduler, tables, holidays: one door each
    wording | settings
    errors

Inside a house: rules decide (pure), records remember (tables and their questions), actions do (with an open journal
entry), words lend checks, audiences and dated things to the workflow file.
"""

__version__ = "0.1.0"
