"""The manual of the rules, and the rulebook's versions."""
