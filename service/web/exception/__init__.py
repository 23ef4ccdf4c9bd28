"""One exception with everything behind it."""
