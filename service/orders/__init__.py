"""The life of each order: who it is, what was executed, how it ended. Pure."""
