"""The target's schema: made by the project's own ``migrate``, emptied, stripped for the copy, and restored exactly.

make     the parent's side: starts the child, hears its events, turns failures into sentences
child    the child process: a world whose only database is the target (run by path, never imported)
making   what the child does there: migrate, or the tables of today's models; tables that no migration makes
aside    rows that migrations inserted are cleared; indexes, keys and triggers are set aside
restore  brings back what was set aside, while other tables are still copied
builders the threads that do so
named    the error when rows are in a key's way
catalog  compares two catalogs
"""
