"""plaza under load: `make load LAYOUT=L1 WEB=2 RATE="10 20 40" SECONDS=60`.

stage        databases, gunicorns, nginx before them and the outbox's worker, as a machine runs them
cast         who asks, and for what: made inside of the project
profiles     what is asked, in which shares (social, videos, bookings, all together, one hot restaurant)
locustfile   requests that begin when it is their time, whether or not others have been answered (an open loop)
gates        what must be right afterwards: counters, bookings, outboxes, retries, loose keys; a speed without it counts
             for nothing

Everything runs on one host, the load itself as well: its figures compare with one another only.
"""
