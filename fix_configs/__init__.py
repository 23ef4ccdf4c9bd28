"""Configuration that is shipped: plain dialects by BeginString, and the demo's counterparty. Data only."""
