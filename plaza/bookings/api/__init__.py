"""The endpoints of bookings: restaurants and tables to book.

forms, answers  what is sent and answered
finding         who asks for what, and what the rules refuse as a problem
restaurants     restaurants, hours, tables, blocks
reservations    slots, holds, bookings and their steps
waitlist        the waiting list
reviews         what guests say
"""
