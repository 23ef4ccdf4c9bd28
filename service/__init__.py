"""Everything of sorwatch that touches the world: sessions, quotes, storage, pages, the command line."""
