"""Who is in which call, and the signals between them."""
