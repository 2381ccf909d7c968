"""The endpoints of videos: channels, videos and what viewers do with them."""
