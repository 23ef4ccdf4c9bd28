"""The first day with a new vendor: a sample log in, what it shows and a draft of its dialect out."""
