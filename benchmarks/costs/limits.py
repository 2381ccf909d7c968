"""What plaza's reads may cost: times the floor, queries, growth from few to many posts, and MB of a worker."""

from __future__ import annotations

LIMITS = {
    "post": 3.0, "video": 3.0, "restaurant": 3.0, "home feed": 6.0, "subscription feed": 6.0, "slots": 6.0,
}  # fmt: skip
QUERIES, GROWTH, MEMORY = 8, 1.5, 150
FEW, MANY = 10_000, 1_000_000
