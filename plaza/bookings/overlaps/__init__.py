"""No two live bookings of a table overlap, whoever writes them, on every engine.

lock      take the tables' rows, in one order for everybody; what follows goes on for one at a time
busy      the live bookings of tables that meet a time, as they are now
place     write a booking at a table that is free then, or raise `Taken`
guards    what the engine itself refuses: an exclusion constraint on PostgreSQL, WITHOUT OVERLAPS on MariaDB
operation the migration that adds the guard, and names the bookings that stand in its way

The locked row is what all engines have in common: of many who want one table the first writes, and the others see what
it wrote, without a deadlock. SQLite needs no lock: its transactions write one after another. The guard holds also for
what does not come through here: a shell, another program, a fault of ours.
"""

from plaza.bookings.overlaps.places import Taken, busy, lock, place

__all__ = ["Taken", "busy", "lock", "place"]
