"""plaza: the sample project that Outgrow moves (accounts, social, videos, bookings)."""
