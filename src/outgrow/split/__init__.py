"""What a split does to the source, all of it after the proof: constraints go, come back, and old tables go.

keys     which foreign keys cross, by the live catalog
switch   drops them, and gives them back
rows     a digest of a table's rows as they are stored
leaving  drops the old copy of what was moved
"""
