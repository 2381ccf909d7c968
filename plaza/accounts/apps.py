from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "plaza.accounts"
    label = "accounts"

    def ready(self) -> None:
        from plaza.accounts import checks, files, mails  # noqa: F401  # one is registered, two consume what accounts tell
