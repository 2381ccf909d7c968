"""Loose references: keys to rows of another database, cleaned up after the parents that died.

across.py      what every loose field does: its parent is read and asked for in its own database, and never joined
field.py       outgrow.LooseForeignKey: a column, an index, the wanted action, and no constraint
crossing.py    OUTGROW["LOOSE"] = "crossing": the project's own foreign keys that cross owners made loose
references.py  every loose reference of the project, with its two databases
install.py     the triggers that write a tombstone for each parent that dies, and the tables for them
children.py    the children of dead parents: found, locked, deleted or set to NULL, one batch a transaction
keys.py        a key as text, and back
limits.py      how much one run does
cleaning.py    both ways: from the tombstones to the children, and from the children to their parents
orphans.py     all orphans at once: counted, or repaired
"""
