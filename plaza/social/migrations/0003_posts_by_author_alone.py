from django.db import migrations, models


class Migration(migrations.Migration):
    """The index of an author's posts answers the home feed without the rows."""

    dependencies = [("social", "0002_people_inbox_and_counters")]

    operations = [
        migrations.AddIndex(  # first: MySQL keeps one for the foreign key
            model_name="post",
            index=models.Index(fields=["author", "-created_at", "is_archived"], name="social_post_of_author"),
        ),
        migrations.RemoveIndex(model_name="post", name="social_post_by_author"),
    ]
