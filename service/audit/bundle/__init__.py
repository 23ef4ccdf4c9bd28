"""One exception with all its evidence as one zip that proves itself offline; and the extract of it for the vendor."""
