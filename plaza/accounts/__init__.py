"""Who people are to each other: one profile for each user."""
