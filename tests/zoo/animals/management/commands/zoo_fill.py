from django.core.management.base import BaseCommand

from tests.zoo.values import fill


class Command(BaseCommand):
    help = "Store every row of the zoo in an empty, migrated database."

    def add_arguments(self, parser):
        parser.add_argument("--database", default="default")
        parser.add_argument("--extreme", action="store_true", help="also what only this engine holds")

    def handle(self, *args, database, extreme, **options):
        counts = fill(database, extreme=extreme)
        self.stdout.write(f"{sum(counts.values())} rows in {len(counts)} tables")
