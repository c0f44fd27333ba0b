"""What is done to needs, themes, decisions and measures. Called with an open journal entry; nothing here commits."""
