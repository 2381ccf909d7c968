"""The endpoints of social: posts, stories and who follows whom."""
