"""What a whole number may be, so that every database can hold it."""

LARGEST = 2**31 - 1  # where PostgreSQL's integer ends
