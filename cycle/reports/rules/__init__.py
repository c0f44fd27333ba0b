"""What an auditor asks of a year, as values: acts in, answers out. Pure."""
