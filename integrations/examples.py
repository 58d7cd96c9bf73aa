"""Examples of bots, webhooks and event hooks for the OpenAPI document."""

from accounts.examples import CREATED, PICTURE, TIMES
from integrations.errors import BotNotFound, BotTokenNotFound, EventHookNotFound, WebhookNotFound
from integrations.serializers import (
    BotAddInput,
    BotInput,
    BotItselfOutput,
    BotOutput,
    BotTokenInput,
    BotTokenMadeOutput,
    BotTokenOutput,
    DeliveryOutput,
    EventHookChangeInput,
    EventHookInput,
    EventHookMadeOutput,
    EventHookOutput,
    PingOutput,
    WebhookInput,
    WebhookMadeOutput,
    WebhookMessageInput,
    WebhookOutput,
)
from projectvoice.kernel.catalog import CHAPTERS, DOORS, SHAPES
from servers.examples import INSIDE

BOT = {
    "id": 7,
    "username": "helper",
    "ownerId": 1,
    "isPublic": False,
    "isBot": True,
    "profilePicture": PICTURE,
    "bio": "I count what is said",
    "createdAt": CREATED,
}
SCOPES = ["messages.read", "messages.write"]
TOKEN = {
    "id": "7f60f2e2-5c1b-4f4e-9a37-2f6d0f6b7d11",
    "name": "production",
    "scopes": SCOPES,
    "createdAt": CREATED,
    "lastSeenAt": CREATED,
    "expiresAt": None,
}
BOT_TOKEN = "pvb_Jc9nJmPqv0bWvYx2wqk3F1d8r5t7u9i1o3p5a7s9d1f"  # noqa: S105 - of nobody
ADDRESS = "wq2kX0bWvYx2wqk3F1d8r5t7u9i1o3p5a7s9d1fJc9n"
WEBHOOK = {
    "id": 3,
    "name": "Builds",
    "avatarUrl": PICTURE,
    "channelId": 1,
    "userId": 9,
    "createdBy": 1,
} | TIMES
KINDS = ["member-joined", "message-created"]
URL = "https://example.com/hooks/projectvoice"
HOOK = {
    "id": 5,
    "serverId": 1,
    "createdBy": 1,
    "url": URL,
    "kinds": KINDS,
    "isEnabled": True,
    "disabledAt": None,
    "disabledReason": None,
    "failures": 0,
    "failingSince": None,
    "nextAt": None,
    "createdAt": CREATED,
}
ANSWER = {"status": 200, "error": None, "latencyMs": 48}

SHAPES |= {
    BotInput: {"username": "helper", "isPublic": False, "bio": "I count what is said"},
    BotTokenInput: {"name": "production", "scopes": SCOPES},
    BotAddInput: {"botId": 7, "roleIds": []},
    BotOutput: BOT,
    BotItselfOutput: BOT | {"scopes": SCOPES},
    BotTokenOutput: TOKEN,
    BotTokenMadeOutput: TOKEN | {"token": BOT_TOKEN},
    WebhookInput: {"name": "Builds", "avatarUrl": PICTURE},
    WebhookMessageInput: {"content": "Build 42 is green", "username": "Builds: main"},
    WebhookOutput: WEBHOOK,
    WebhookMadeOutput: WEBHOOK | {"token": ADDRESS, "url": f"/api/webhooks/3/{ADDRESS}"},
    EventHookInput: {"url": URL, "kinds": KINDS},
    EventHookChangeInput: {"kinds": KINDS, "isEnabled": True},
    EventHookOutput: HOOK,
    EventHookMadeOutput: HOOK | {"secret": "0bWvYx2wqk3F1d8r5t7u9i1o3p5a7s9d1fJc9nJmPqv"},
    DeliveryOutput: {"id": 12, "at": CREATED, "events": 2, "firstSeq": 1041, "lastSeq": 1042} | ANSWER,
    PingOutput: ANSWER,
}
DOORS |= {
    "bot_id": (BotNotFound,),
    "token_id": (BotTokenNotFound,),
    "webhook_id": (WebhookNotFound, *INSIDE),
    "webhooks token": (),
    "hook_id": (EventHookNotFound, *INSIDE),
}
CHAPTERS["integrations.api.event_hooks"] = "event-hooks"
