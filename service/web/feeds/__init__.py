"""The page of the feeds: the daemon, the sessions, their gaps, the quote sources, and what is certified of each day."""
