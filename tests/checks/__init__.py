"""Each check finds a planted fault, in the words that docs/checks.md gives it, and is silent where nothing is wrong."""
