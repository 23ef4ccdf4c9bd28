"""What proves that the record was not changed: chains recomputed, heads sealed daily, record and trail given out."""
