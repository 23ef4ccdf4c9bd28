"""The people: accounts and what each may do, one's own account, the access log, shelvings, who answers for a day."""
