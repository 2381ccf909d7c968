"""Restaurants, tables, bookings and waiting lists."""
