"""The market side: quotes, the tape, the measures, the calendar."""
