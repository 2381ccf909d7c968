from django.db import migrations

from plaza.social.models import posts


class Migration(migrations.Migration):
    """A provider's numbers of places differ by the case of their letters."""

    dependencies = [("social", "0003_posts_by_author_alone")]

    operations = [
        migrations.AlterField(model_name="location", name="external_id", field=posts.Exact(max_length=64)),
    ]
