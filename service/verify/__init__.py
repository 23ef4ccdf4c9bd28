"""Running a day of the journal again, with the decisions recorded, beside what was recorded of it live."""
