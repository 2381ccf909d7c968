"""`python -m tests.zoo COMMAND …` is the zoo's manage.py."""

import os

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.zoo.settings"
    execute_from_command_line()
