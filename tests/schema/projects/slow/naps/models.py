from django.db import models


class Nap(models.Model):
    minutes = models.IntegerField(db_index=True)
    after = models.ForeignKey("self", models.CASCADE, null=True)
