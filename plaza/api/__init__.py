"""What every endpoint of plaza has in common.

problems     errors as application/problem+json
pages        cursor pagination
prepared     reads whose SQL is made once
once         Idempotency-Key: a POST that is sent twice is done once
versions     ETag, If-None-Match, If-Match
throttles    limits that hold over all processes
health       /livez and /readyz
exports      what the service holds of a user, as a file for himself
schema       what OpenAPI says of all of these
"""
