"""Survey forms that come back: read, judged cell by cell, and taken as answers with their projects."""
