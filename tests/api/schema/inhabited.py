"""The world of the matrices with something in every corner: what every endpoint has an id of."""

import re
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import User
from accounts.scopes import SCOPES
from accounts.services import session_open, user_block
from friends.services import block_create, request_send
from integrations.services.bots import bot_create, bot_token_create
from integrations.services.event_hooks import event_hook_create
from integrations.services.webhooks import webhook_create
from messaging.access import enter
from messaging.models import Attachment, Message
from messaging.services import message_update, reaction_add
from moderation.models import Report
from moderation.services.reports import message_report, report_appeal, report_decide
from servers.access import access_channel
from servers.permissions import Permission
from servers.services.channels import overwrite_put
from servers.services.members import member_add
from tests.api.world import World
from tests.factories import PASSWORD, make_channel, make_group, make_messages, make_token, make_user
from timelines.models import VoiceSession

# What an id under this name is the id of.
ALIKE = {"friend_id": "user_id", "target_id": "message_id", "reply_to_id": "message_id", "before": "message_id"}
# Where another one leads further.
INSTEAD = {
    "/api/auth/login": {"email": "email", "password": "password"},
    "/api/login": {"login": "email", "password": "password"},
    "/api/servers/{server_id}/bans/{user_id}": {"user_id": "banned"},
    "/api/serverMembers/{server_id}/members": {"user_id": "fresh_user"},
    "/api/admin/users/{user_id}/unblock": {"user_id": "blocked_user"},
    "/api/dms/{channel_id}": {"channel_id": "group"},
    "/api/dms/{channel_id}/participants/{user_id}": {"channel_id": "group", "user_id": "other_user"},
    "/api/webhooks/{webhook_id}/{token}": {"token": "webhook_token"},
    "/api/voice/sessions/{session_id}/timeline": {"session_id": "call"},
}


class Inhabited(World):
    """`tokens` has one for everybody, and for a bot that is on the server."""

    def __post_init__(self) -> None:
        super().__post_init__()
        owner, member = self.who["owner"], self.who["member"]
        self.who["staff"], blocked = make_user(role="admin"), make_user()
        channel = make_channel(self.server, "text", "general")
        said, answered, *_ = make_messages(channel, 3, user=member)
        message_update(entry=enter(member, channel.pk), message=said, content="edited")
        reaction_add(entry=enter(owner, channel.pk), message=said, emoji="👍")
        appealed = self.report(answered, owner)
        report_decide(by=self.who["staff"], report=appealed, decision="warn", reason="house rules")
        report_appeal(report=appealed, text="I did not mean it")
        self.ids |= {
            "channel_id": channel.pk,
            "message_id": said.pk,
            "category_id": self.ids["category"],
            "request_id": request_send(user=self.who["stranger"], friend_id=member.pk).pk,
            "report_id": self.report(said, owner).pk,
            "attachment_id": self.upload(channel.pk, member).pk,
            "server_id": self.ids["server"],
            "member_id": self.victim.pk,
            "role_id": self.ids["held_role"],
            "invite_id": self.ids["invite"],
            "user_id": self.victim.user_id,
            "token": str(self.ids["token"]),
            "session_id": str(session_open(user=member).pk),
            "email": owner.email,
            "password": PASSWORD,
            "blocked_user": blocked.pk,
            "emoji": "👍",
            "filename": "a.txt",
        }
        self.ids["id"] = self.ids["request_id"]
        _, access = access_channel(owner, channel.pk)
        bot = bot_create(owner=owner, username="helper", is_public=False)
        kept, bot_token = bot_token_create(bot=bot, name="all", scopes=list(SCOPES))
        member_add(server=self.server, user=bot.user)
        webhook, webhook_token = webhook_create(access=access, name="builds")
        hook = event_hook_create(access=access, url="https://127.0.0.1/", kinds=["role-deleted"])
        self.ids |= {
            "bot_id": bot.user_id,
            "token_id": str(kept.pk),
            "webhook_id": webhook.pk,
            "webhook_token": webhook_token,
            "hook_id": hook.pk,
            "call": str(self.call(member).pk),
            "group": make_group(owner, member, self.who["admin"]).pk,
        }
        for of in (self.server.roles.get(pk=self.ids["held_role"]), self.victim):
            overwrite_put(access=access, of=of, deny=Permission.SEND_MESSAGES)
        block_create(user=owner, target_id=self.victim.user_id)
        user_block(user=blocked, by=None, reason="spam")
        self.tokens = {who: make_token(user) for who, user in self.who.items()} | {"bot": bot_token}

    def report(self, message: Message, by: User) -> Report:
        return message_report(by=by, message=message, category="spam", reason="unasked for")

    def upload(self, channel_id: int, user: User) -> Attachment:
        key = default_storage.save("a", ContentFile(b"hello"))
        facts = {"filename": "a.txt", "content_type": "text/plain", "size": 5}
        return Attachment.objects.create(channel_id=channel_id, user=user, key=key, **facts)

    def call(self, user: User) -> VoiceSession:
        """That he sits in."""
        place = {"server_id": self.server.pk, "channel_id": self.ids["channel"]}
        who = {"user": user, "recorder_id": uuid4(), "dialect": "projectvoice", "socket_id": "x"}
        return VoiceSession.objects.create(pk=uuid4(), started_at=timezone.now(), **place, **who)

    def known(self, name: str, value: Any, path: str, who: str) -> Any:
        """What stands there, or where it is the id of something, the id of something that exists."""
        if isinstance(value, dict):
            return {inner: self.known(inner, value[inner], path, who) for inner in value}
        if isinstance(value, list):
            return [self.known(name.removesuffix("s"), item, path, who) for item in value]
        name = re.sub(r"[A-Z]", lambda big: f"_{big[0].lower()}", name)
        if name == "user_id" and path.startswith("/api/auth/users/") and who in self.who:
            return self.who[who].pk
        return self.ids.get(INSTEAD.get(path, ALIKE).get(name, name), value)
