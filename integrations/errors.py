"""What can go wrong with bots, webhooks and event hooks."""

from projectvoice.kernel.errors import InvalidInput, NotFound, Text


class BotNotFound(NotFound):
    message = Text("Bot not found", "Бот не найден")


class BotTokenNotFound(NotFound):
    message = Text("The bot has no such token", "У бота нет такого токена")


class WebhookNotFound(NotFound):
    """Also where the token of its address is wrong."""

    message = Text("Webhook not found", "Вебхук не найден")


class EventHookNotFound(NotFound):
    message = Text("Event hook not found", "Подписка на события не найдена")


class TokenInThePast(InvalidInput):
    message = Text("expiresAt: the token would be over already", "expiresAt: срок токена уже прошёл бы")
