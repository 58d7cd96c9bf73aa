from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "messaging"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from events.rendering import renders
        from messaging.rendering import messages_rendered

        renders(messages_rendered, "message-created", "message-updated")
