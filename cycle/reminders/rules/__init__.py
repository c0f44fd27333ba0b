"""When a mail may go and which step of a ladder has come. Pure."""
