"""Posts, follows, likes, comments and stories, as an Instagram backend keeps them."""
