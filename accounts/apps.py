from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.announcing import users_shown
        from events.rendering import of_subject, renders

        renders(of_subject("user", users_shown), "user-updated")
