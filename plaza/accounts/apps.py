from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "plaza.accounts"
    label = "accounts"

    def ready(self) -> None:
        from plaza.accounts import checks, mails  # noqa: F401  # one is registered, one consumes what accounts tell
