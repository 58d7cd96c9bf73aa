from django.apps import AppConfig


class TurnConfig(AppConfig):
    name = "turn"
    default_auto_field = "django.db.models.BigAutoField"
