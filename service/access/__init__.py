"""Who may come in, and what each may do there: roles, passwords, lockout, sessions, tokens and the trail of them."""
