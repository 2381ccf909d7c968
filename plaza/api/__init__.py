"""What every endpoint of plaza has in common.

problems     errors as application/problem+json
pages        cursor pagination
places       the cursors of feeds
addresses    rows by the numbers in addresses
queries      what the query of an address asks for
views        what was sent, who asks, what is for everybody
forms        what several apps answer
people       who users are, and what is shown of them
prepared     reads whose SQL is made once
once         Idempotency-Key: a POST that is sent twice is done once
versions     ETag, If-None-Match, If-Match
throttles    limits that hold over all processes
health       /livez and /readyz
exports      what the service holds of a user, as a file for himself
schema       what OpenAPI says of all of these
"""
