from django.apps import AppConfig


class SelfhostConfig(AppConfig):
    name = "selfhost"
