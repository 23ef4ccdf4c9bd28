"""How good the rules are: labelled faults through the road, findings held against the labels.

The parts: `line` (what comes over the sessions), `surroundings` (what faults do around them), `road` (a daemon in
simulated time), `labels` (what was done), `expected` (which rule owes which finding), `matching`, `tally` and `table`.
"""
