"""Alerts: who hears of a case, and the messengers that tell them."""
