"""What the inventory decides: response, review coverage, gaps. Pure: values in, values out."""
