from django.apps import AppConfig


class FriendsConfig(AppConfig):
    name = "friends"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.deletion import before_user_delete
        from friends.conversations import conversations_settle

        before_user_delete.append(conversations_settle)
