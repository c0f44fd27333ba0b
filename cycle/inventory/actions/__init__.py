"""What the inventory does, inside an open entry; `files` reads the three tables before one is opened."""
