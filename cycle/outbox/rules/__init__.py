"""What the outbox decides: values in, values out."""
