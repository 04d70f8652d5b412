"""Checks on what a system wrote: faults that a score alone does not show.

Every kind of flag is a pure function in a file of its own, from one segment to flags; :mod:`.run` applies them to a
system. Where a segment has references they are evidence: what the people did who translated it is no fault.
"""
