"""Half of the work, a pause for whoever wants to kill the process, the other half."""

import os
import time
from pathlib import Path

from django.db import migrations, models


def sleep(apps, schema_editor):
    if "SLOW_PID" in os.environ:
        Path(os.environ["SLOW_PID"]).write_text(str(os.getpid()))
        time.sleep(60)


class Migration(migrations.Migration):
    dependencies = [("naps", "0001_initial")]

    operations = [
        migrations.AddField("nap", "minutes", models.IntegerField(db_index=True)),
        migrations.RunPython(sleep, migrations.RunPython.noop),
        migrations.AddField("nap", "after", models.ForeignKey("naps.nap", models.CASCADE, null=True)),
    ]
