"""The catalogue: one file pair for each rule, a pure `check` and its card. Rules never import each other."""
