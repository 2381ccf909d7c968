"""The endpoints of social: posts, stories and who follows whom.

forms          what is sent and answered
showing        answers as dicts, a page at a time
profiles       who one is, searching, how one stands to others
following      follows, requests to follow, blocks
uploads        files in two steps
posts          posts and likes
comments       comments and replies
stories        stories, and who has seen them
feeds          home, explore, tags, locations
notifications  what one is told
"""
