"""Deriving what is due, making ledger items and mails of it, deciding on held batches, dropping what is stale."""
