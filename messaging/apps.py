from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "messaging"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from events.rendering import of_subject, renders
        from messaging.conversations import conversations_rendered
        from messaging.selectors import messages_shown

        renders(of_subject("message", messages_shown), "message-created", "message-updated", "mention")
        renders(conversations_rendered, "conversation-updated")
