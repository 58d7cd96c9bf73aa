"""Texts of the panel, in the language of the request that shows them."""

from typing import Any

from django.utils.functional import lazy
from django.utils.translation import get_language

from projectvoice.kernel.errors import Text


def said(en: str, ru: str) -> Any:
    return lazy(lambda: Text(en, ru).to(get_language()), str)()


ROLES = {
    "user": said("User", "Пользователь"),
    "moderator": said("Moderator", "Модератор"),
    "admin": said("Administrator", "Администратор"),
}
STANDING = {"active": said("Active", "Активен"), "blocked": said("Blocked", "Заблокирован")}
CATEGORIES = {
    "spam": said("Spam", "Спам"),
    "harassment": said("Harassment", "Травля"),
    "illegal": said("Illegal", "Незаконное"),
    "other": said("Other", "Другое"),
}
STATUSES = {
    "open": said("Open", "Открыта"),
    "appealed": said("Appealed", "Обжалована"),
    "actioned": said("Actioned", "Приняты меры"),
    "dismissed": said("Dismissed", "Отклонена"),
}
DECISIONS = {
    "dismiss": said("Dismiss", "Отклонить"),
    "warn": said("Warn", "Предупредить"),
    "delete_message": said("Delete the message", "Удалить сообщение"),
    "block_user": said("Block the user", "Заблокировать пользователя"),
}
TARGETS = {"message": said("Message", "Сообщение"), "user": said("User", "Пользователь")}
