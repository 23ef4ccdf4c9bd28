"""The supervisors' page, first cut: open exceptions, one exception with its evidence, an acknowledgement."""
