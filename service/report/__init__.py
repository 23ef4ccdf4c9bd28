"""The report of one day: what was found, who handled it and how fast, what is open, what can be said of the rest."""
