"""Who was told of what: how deliveries stand, and what people do about those that went wrong."""
