"""Cases: the work that people have with findings. States and their one table, the one door, clocks, closings. Pure."""
