"""The daemon's metrics: what is counted from recorded batches, and what is looked at when somebody scrapes.

They refuse labels by order, account, client and symbol. One process owns them, the daemon. The names are documented in
the README, and a test keeps both equal.
"""
