"""The tests: a folder for each room, contracts for the ports, journeys for the whole road."""
