"""Which venues are approved for whom, and how that is changed."""
