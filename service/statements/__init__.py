"""What the watch states about a day: completeness, readiness, the close; each of them kept in one chain."""
