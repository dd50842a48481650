"""Ways in and out for people: each translates and decides nothing."""
