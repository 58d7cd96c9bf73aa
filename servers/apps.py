from django.apps import AppConfig


class ServersConfig(AppConfig):
    name = "servers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.deletion import before_user_delete
        from servers.services.members import memberships_settle
        from servers.services.servers import owned_servers_settle

        before_user_delete.extend([owned_servers_settle, memberships_settle])
