"""The page of the daily report: to be read, printed, and taken away as CSV."""
