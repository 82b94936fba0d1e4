"""Years of a register in minutes: a random script, a world that runs it on the real code, and an
oracle that computes the expected results from the script alone.
"""
