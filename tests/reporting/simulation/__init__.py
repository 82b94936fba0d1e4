"""Years of a register in minutes: a random script, a world that plays it on the real code, and an
oracle that works out from the script alone what must have come of it.
"""
