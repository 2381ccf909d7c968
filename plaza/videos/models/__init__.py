"""Channel, Video, and what viewers do with them."""

from plaza.videos.models.channels import Channel, ChannelStats, Subscription
from plaza.videos.models.doings import Comment, Reaction
from plaza.videos.models.lists import Playlist, PlaylistItem
from plaza.videos.models.movies import WITHOUT_PASSWORD, Category, Comments, Licence, Privacy, Video, VideoStats
from plaza.videos.models.people import Blocked, Person, VideosMessage, VideosRequest
from plaza.videos.models.uploads import Quota, Upload, UploadChunk
from plaza.videos.models.watching import Viewing, Watcher, WatchHistory
