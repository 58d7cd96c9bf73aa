from django.apps import AppConfig


class ModerationConfig(AppConfig):
    name = "moderation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.acts import on_account_act
        from moderation.services.acts import account_act_record

        on_account_act.append(account_act_record)
