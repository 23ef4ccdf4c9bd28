"""What each rule said of a fact, under which line of which rulebook, and why that line."""
