"""The page of the alerts: how the channels stand, and what to do about those that nobody would take."""
