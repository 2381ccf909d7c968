"""The endpoints of bookings: restaurants and tables to book."""
