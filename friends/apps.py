from django.apps import AppConfig


class FriendsConfig(AppConfig):
    name = "friends"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.deletion import before_user_delete
        from accounts.profile import after_profile_change
        from friends import rendering
        from friends.announcing import tell_profile
        from friends.conversations import conversations_settle
        from friends.services import friendships_settle

        before_user_delete.extend([friendships_settle, conversations_settle])
        after_profile_change.append(tell_profile)
        rendering.register()
