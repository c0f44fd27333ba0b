"""What is made of the answers: pages that people read."""
