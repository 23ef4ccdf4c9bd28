"""Configuration that is shipped: plain dialects by BeginString, three examples, the demo's counterparty. Data only."""
