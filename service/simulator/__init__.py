"""A SOR of our own: its market, its venues, its orders and its faults, behind a FIX acceptor.

For the demo, the tests and certification. Everything but the files named for a technology is a function of a seed.
"""
