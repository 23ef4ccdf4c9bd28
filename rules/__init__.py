"""The pure heart of sorwatch: the facts, the rules that look at them, and what they find."""
