"""What is decided about needs, themes and measures. Pure: rows and values in, values out."""
