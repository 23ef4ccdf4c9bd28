"""The FIX side: dialects and decoding (pure), the gateway around the engine (shell)."""
