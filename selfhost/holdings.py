"""What the instance holds about a person: one line per table and way in which a row is his.

A test walks all models: one that is neither in HOLDINGS nor, with a reason, in NOT_HIS fails it.
"""

from typing import Any, NamedTuple

from django.apps import apps
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import ForeignKey, Q, QuerySet, Value
from django.db.models.expressions import Combinable

from accounts.models import User

# Beside an id of these stands the name.
NAMES = {"accounts.User": "username", "servers.Server": "name", "servers.Channel": "name"}


class Holding(NamedTuple):
    """All columns of a row are his data, but `without`: a new column comes along by itself. Of a row that is rather
    somebody else's, `only` these.
    """

    name: str  # of the file in the archive
    model: str
    of: str  # the field, or the path, by which a row is his
    what: str
    without: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    also: tuple[tuple[str, Combinable], ...] = ()
    where: Q = Q()

    def rows(self, user: User) -> QuerySet[Any, dict[str, Any]]:
        rows = apps.get_model(self.model)._base_manager.filter(self.where, **{self.of: user.pk})
        return rows.order_by("pk").values(*self.columns(), **dict(self.also))

    def columns(self) -> list[str]:
        columns = []
        for field in apps.get_model(self.model)._meta.concrete_fields:
            his = isinstance(field, ForeignKey) and field.name == self.of  # the archive is about him: no need to repeat it
            if his or field.name in self.without or (self.only and field.name not in self.only):
                continue
            columns.append(field.attname)
            if isinstance(field, ForeignKey) and (name := NAMES.get(field.target_field.model._meta.label)):
                columns.append(f"{field.name}__{name}")
        return columns


CUSTOM_ROLES = ("custom_roles", ArrayAgg("roles__name", filter=Q(roles__isnull=False), default=Value([])))

HOLDINGS = (
    Holding("account", "accounts.User", "id", "the account; the password's hash stays here",
        ("password", "username_key", "kind", "owner")),
    Holding("sessions", "accounts.Session", "user", "where the account is signed in", ("id", "name", "digest", "scopes")),
    Holding("two-factor", "accounts.TwoFactor", "user", "that there is an authenticator app; its secret stays here", ("secret",)),
    Holding("recovery-codes", "accounts.RecoveryCode", "user", "recovery codes that are left; they stay here", ("hash",)),
    Holding("bots", "accounts.User", "owner", "bots of this account", ("password", "username_key")),
    Holding("bot-tokens", "accounts.Session", "user__owner", "their tokens; the tokens themselves are in no row", ("id", "digest")),
    Holding("bots-shared", "integrations.Bot", "user__owner", "whether others may add them"),
    Holding("webhooks", "integrations.Webhook", "created_by", "webhooks made; their addresses still open doors", ("digest",)),
    Holding("event-hooks", "integrations.EventHook", "created_by", "where events are pushed to; what signs them stays here",
        ("secret",)),
    Holding("deliveries", "integrations.Delivery", "hook__created_by", "what came of the last attempts"),
    Holding("blocked-accounts", "accounts.User", "blocked_by", "accounts blocked by this one",
        only=("id", "username", "blocked_at", "block_reason")),
    Holding("memberships", "servers.Member", "user", "servers joined, with roles and nickname", also=(CUSTOM_ROLES,)),
    Holding("overwrites", "servers.Overwrite", "member__user", "what channels give or take from this account", ("role", "member")),
    Holding("servers", "servers.Server", "owner", "servers owned"),
    Holding("blocked-servers", "servers.Server", "blocked_by", "servers blocked by this account",
        only=("id", "name", "blocked_at", "block_reason")),
    Holding("bans", "servers.Ban", "user", "servers this account is banned from"),
    Holding("bans-given", "servers.Ban", "banned_by", "bans this account gave"),
    Holding("invites", "servers.Invite", "created_by", "invites made; the links themselves still open doors", ("token",)),
    Holding("messages", "messaging.Message", "user", "messages written"),
    Holding("revisions", "messaging.MessageRevision", "message__user", "what these messages said before edits"),
    Holding("edits", "messaging.MessageRevision", "edited_by", "edits made, of whosoever's messages", ("content",)),
    Holding("reactions", "messaging.Reaction", "user", "reactions given"),
    Holding("mentions", "messaging.Mention", "user", "messages of others in which this account is named"),
    Holding("read-state", "messaging.ReadState", "user", "how far each channel was read"),
    Holding("last-words", "messaging.LastWord", "user", "when channels with slow mode were last written in"),
    Holding("attachments", "messaging.Attachment", "user", "files uploaded, each in `files/<id>`", ("key",)),
    Holding("friendships-asked", "friends.Friendship", "sender", "friendships and open requests, asked by this account"),
    Holding("friendships-answered", "friends.Friendship", "receiver", "friendships and open requests, asked by others"),
    Holding("conversations", "friends.Participant", "user", "direct conversations and groups taken part in"),
    Holding("blocks", "friends.Block", "blocker", "people blocked"),
    Holding("reports", "moderation.Report", "reporter", "reports this account made",
        ("accused", "evidence", "decided_by", "appeal", "appealed_at")),
    Holding("reports-about", "moderation.Report", "accused", "reports of this account or its messages; who made them stays here",
        only=("id", "target_type", "target_id", "category", "status", "decision", "decision_reason", "decided_at", "appeal",
            "appealed_at", "created_at")),
    Holding("reports-decided", "moderation.Report", "decided_by", "reports this account decided",
        only=("id", "target_type", "target_id", "category", "status", "decision", "decision_reason", "decided_at")),
    Holding("relay-usage", "turn.RelayUsage", "user", "packets and bytes the relay carried, by day", ("id", "batch")),
    Holding("voice-sessions", "timelines.VoiceSession", "user", "stays in voice channels of the last days", ("recorder_id",)),
    Holding("voice-moments", "timelines.VoiceMoment", "session__user", "what happened in them; who the others were is theirs",
        ("id", "peer_user_id")),
    Holding("audit-by", "audit.AuditEntry", "actor", "entries in audit logs, of the instance and of servers, by this account"),
    Holding("audit-about", "audit.AuditEntry", "target_id", "entries in these logs upon this account", ("address",),
        where=Q(target_type__in=("user", "member"))),
)  # fmt: skip

NOT_HIS = {
    "figures.Figure": "counts what all have done",
    "accounts.User.blocked_by": "in `blocked-accounts`",
    "audit.AuditCheckpoint": "signs entries",
    "audit.AuditLog": "counts entries",
    "events.Announcement": "an event on its way into the log",
    "events.Event": "tells for some days what the other tables hold",
    "events.Log": "numbers events",
    "friends.Block.blocked": "whom others block is theirs to know",
    "friends.Conversation": "in `conversations`",
    "friends.Conversation.one": "in `conversations`",
    "friends.Conversation.other": "in `conversations`",
    "integrations.Bot.user": "in `bots`",
    "integrations.Webhook.user": "the account of no person",
    "messaging.Block": "counts messages",
    "messaging.Tally": "counts messages",
    "messaging.Orphan": "names files that are about to go",
    "timelines.Recorder": "a process",
    "servers.Category": "belongs to a server",
    "servers.Channel": "belongs to a server",
    "servers.Member_roles": "named in `memberships`",
    "servers.Role": "belongs to a server",
}
