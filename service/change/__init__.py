"""What people ask of the versions in force: to propose, to decide, to look and to compare."""
