from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "integrations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db.models.signals import post_delete

        from accounts.deletion import before_user_delete
        from accounts.scopes import OPERATIONS
        from integrations import metrics  # noqa: F401 - it has questions
        from integrations.models import Webhook
        from integrations.scopes import OPEN_TO_BOTS
        from integrations.services.bots import bots_settle
        from integrations.services.webhooks import account_follows

        before_user_delete.append(bots_settle)
        OPERATIONS.update(OPEN_TO_BOTS)
        post_delete.connect(account_follows, Webhook)
