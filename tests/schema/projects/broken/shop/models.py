from django.contrib.auth.models import User
from django.db import models


class Article(models.Model):
    name = models.CharField(max_length=80, unique=True)
    buyers = models.ManyToManyField(User, related_name="+")
    replaces = models.ForeignKey("self", models.SET_NULL, null=True)

    class Meta:
        indexes = [models.Index(fields=["name", "replaces"], name="shop_article_both")]
