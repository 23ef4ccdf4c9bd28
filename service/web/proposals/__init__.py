"""One proposal of a rulebook or a register: what it changes, its backtest, and the second person's decision."""
