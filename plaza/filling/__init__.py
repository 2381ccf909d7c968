"""The data maker: the same number of rows and the same seed make the same data, byte for byte.

`fill` is the door; `sheets` says which table gets what share; one module per app makes rows.
"""
