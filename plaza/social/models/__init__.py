"""People and who follows whom; posts and what hangs on them; stories; what a user is told.

people   Person, Follow, FollowRequest, Block, ProfileStats
media    Image, Movie, and the Upload that each of them came by
posts    Location, Tag, Post, PostStats, Comment, Liking
stories  Story, ViewingStory
inbox    Notification, Withdrawn, Marker; SocialRequest, SocialMessage

Counters are rows of their own, locked before what they count is written: always ProfileStats first (the lower number
first), then PostStats. Whoever holds them alone changes what hangs on them, so that no two wait for each other.
"""

from plaza.social.models.inbox import Marker, Notification, SocialMessage, SocialRequest, Withdrawn
from plaza.social.models.media import Image, Media, Movie, Upload
from plaza.social.models.people import Block, Follow, FollowRequest, Person, ProfileStats
from plaza.social.models.posts import Comment, Liking, Location, Post, PostStats, Tag
from plaza.social.models.stories import Story, ViewingStory
