"""The endpoints of accounts: registering, tokens, sessions, and oneself.

tokens     short signed tokens that no database has to be asked for; refresh tokens that are good once
mails      what is written to users
forms      what is sent and answered
views      the endpoints
"""
