"""The supervisors' work from the command line: list, show and act on exceptions, shelve scopes, name the principal."""
