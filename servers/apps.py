from django.apps import AppConfig


class ServersConfig(AppConfig):
    name = "servers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.deletion import before_user_delete
        from accounts.profile import after_profile_change
        from servers import rendering
        from servers.announcing import tell_profile
        from servers.services.members import memberships_settle
        from servers.services.servers import owned_servers_settle

        before_user_delete.extend([owned_servers_settle, memberships_settle])
        after_profile_change.append(tell_profile)
        rendering.register()
