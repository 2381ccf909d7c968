"""Files of users: what they are, what is taken out of them, where they lie, and how they are sent.

kinds        what a file is, by its first bytes and never by its name
receiving    bytes from a request, no more than allowed
images       pictures without their EXIF: nobody learns where they were taken
movies       what PyAV says of a movie, and a copy without its metadata
links        addresses that are good for a day or two; S3's own where the files lie there
playing      whole files and ranges of them (RFC 9110, section 14), by nginx where it is in front
"""
