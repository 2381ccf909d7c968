from django.core.management.base import BaseCommand, CommandError

from tests.zoo.values import check


class Command(BaseCommand):
    help = "Say which rows of the zoo are not as zoo_fill stored them."

    def add_arguments(self, parser):
        parser.add_argument("--database", default="default")
        parser.add_argument("--extreme", action="store_true")

    def handle(self, *args, database, extreme, **options):
        found = check(database, extreme=extreme)
        if found:
            raise CommandError("\n".join(found))
        self.stdout.write("every row is as it was stored")
