"""Fills what a feed left out from a file: a FIX log or a CSV, down the same road as what came by the line."""
