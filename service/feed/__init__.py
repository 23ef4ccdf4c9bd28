"""What the watch says of its own sight: gaps, silence, recovery, clocks. Pure."""
