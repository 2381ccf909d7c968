"""What plaza's reads cost, as ratios in one run: `python -m benchmarks.costs [--only ENGINE] [--keep]`.

The floor is a bare Django view with one indexed query and the same middleware, in the same process, asked in turn
with the others through the WSGI handler itself: no socket and no client is measured along.

limits     what is expected
inside     the measuring, in a process of the project
urls       plaza's, and the floor
"""
