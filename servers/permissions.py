"""What a member may do: bits, presets and ranks, without a database. CONTRACT 4 is the source of every number here."""

from collections.abc import Iterator, Mapping, Sequence
from enum import IntEnum, IntFlag, StrEnum
from itertools import pairwise
from typing import NamedTuple


class Permission(IntFlag):
    CREATE_INSTANT_INVITE = 1 << 0
    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_AUDIT_LOG = 1 << 7
    PRIORITY_SPEAKER = 1 << 8
    STREAM = 1 << 9
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    SEND_TTS_MESSAGES = 1 << 12
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    VIEW_GUILD_INSIGHTS = 1 << 19
    CONNECT = 1 << 20
    SPEAK = 1 << 21
    MUTE_MEMBERS = 1 << 22
    DEAFEN_MEMBERS = 1 << 23
    MOVE_MEMBERS = 1 << 24
    USE_VAD = 1 << 25
    CHANGE_NICKNAME = 1 << 26
    MANAGE_NICKNAMES = 1 << 27
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    MANAGE_EMOJIS_AND_STICKERS = 1 << 30
    USE_APPLICATION_COMMANDS = 1 << 31
    REQUEST_TO_SPEAK = 1 << 32
    MANAGE_EVENTS = 1 << 33
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    USE_EXTERNAL_STICKERS = 1 << 37
    SEND_MESSAGES_IN_THREADS = 1 << 38
    USE_EMBEDDED_ACTIVITIES = 1 << 39
    MODERATE_MEMBERS = 1 << 40


NOTHING = Permission(0)
EVERYTHING = Permission((1 << 41) - 1)
LEFT_IN_TIMEOUT = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY
# What a channel can give or take: all that happens in it. The rest is about the server as a whole.
OVERWRITABLE = EVERYTHING & ~(
    Permission.KICK_MEMBERS
    | Permission.BAN_MEMBERS
    | Permission.ADMINISTRATOR
    | Permission.MANAGE_GUILD
    | Permission.VIEW_AUDIT_LOG
    | Permission.VIEW_GUILD_INSIGHTS
    | Permission.CHANGE_NICKNAME
    | Permission.MANAGE_NICKNAMES
    | Permission.MANAGE_EMOJIS_AND_STICKERS
    | Permission.MODERATE_MEMBERS
)


# As plain numbers: a flag's arithmetic costs ten times theirs, and these are asked for each member of a list.
_ALL, _ADMINISTRATOR, _VIEW_CHANNEL = int(EVERYTHING), int(Permission.ADMINISTRATOR), int(Permission.VIEW_CHANNEL)
_LEFT_IN_TIMEOUT, _OVERWRITABLE = int(LEFT_IN_TIMEOUT), int(OVERWRITABLE)


class Rank(IntEnum):
    """The member roles in order. A higher rank may act on a lower one, never on its equal."""

    MEMBER = 1
    MODERATOR = 2
    ADMIN = 3
    OWNER = 4


class DefaultRole(NamedTuple):
    preset: str
    name: str
    permissions: Permission
    position: int
    color: str
    is_hoisted: bool


EVERYONE = "everyone"
DEFAULT_ROLES = (
    DefaultRole(EVERYONE, "@everyone", Permission(3214400), 0, "#99AAB5", False),
    DefaultRole("member", "Member", Permission(70323264), 1, "#57F287", False),
    DefaultRole("moderator", "Moderator", Permission(32582726), 2, "#5865F2", True),
    DefaultRole("admin", "Admin", Permission(268435640), 3, "#E67E22", True),
    DefaultRole("owner", "Owner", Permission(8), 4, "#F1C40F", True),
)


class Overwrite(NamedTuple):
    """What a channel gives and takes, for one role or one member. A bit is in one of the two at most."""

    allow: int = 0
    deny: int = 0


NO_OVERWRITE = Overwrite()


class Carried(NamedTuple):
    """A role that counts for a member: @everyone, the preset of his member role, or a custom role of his."""

    id: int
    name: str
    permissions: int
    position: int
    preset: str | None = None
    overwrite: Overwrite = NO_OVERWRITE


class Situation(NamedTuple):
    """All that decides what a member may do at one place: on his server, or in a channel with its overwrites."""

    rank: Rank
    roles: Sequence[Carried]  # @everyone first
    in_channel: bool = False
    own: Overwrite = NO_OVERWRITE
    timed_out: bool = False


class Rule(StrEnum):
    OWNER = "owner"
    ROLE = "role"
    ADMINISTRATOR = "administrator"
    CHANNEL_ROLE = "channel-role"
    CHANNEL_MEMBER = "channel-member"
    HIDDEN_CHANNEL = "hidden-channel"
    TIMEOUT = "timeout"


class Layer(NamedTuple):
    """One rule at work: it takes `deny` away, then gives `allow`. `role` is the one it comes from."""

    rule: Rule
    allow: int = 0
    deny: int = 0
    role: Carried | None = None


def layers(situation: Situation) -> Iterator[Layer]:
    """The rules in the order in which they apply, Discord's: a later one overrules all before it."""
    if situation.rank is Rank.OWNER:
        yield Layer(Rule.OWNER, allow=_ALL)
        return
    bits = 0
    for role in situation.roles:
        bits |= role.permissions
        yield Layer(Rule.ROLE, role.permissions, 0, role)
        if role.permissions & _ADMINISTRATOR:
            yield Layer(Rule.ADMINISTRATOR, _ALL, 0, role)
            return
    if situation.in_channel:
        for layer in _overwrites(situation):
            bits = bits & ~layer.deny | layer.allow
            yield layer
        if not bits & _VIEW_CHANNEL:
            yield Layer(Rule.HIDDEN_CHANNEL, deny=_ALL)
    if situation.timed_out:
        yield Layer(Rule.TIMEOUT, deny=_ALL & ~_LEFT_IN_TIMEOUT)


def _overwrites(situation: Situation) -> Iterator[Layer]:
    """@everyone's, then what the roles take, then what they give, then the member's own."""
    everyone, *roles = situation.roles
    for role, (allow, deny) in (
        (everyone, everyone.overwrite),
        *((role, Overwrite(deny=role.overwrite.deny)) for role in roles),
        *((role, Overwrite(allow=role.overwrite.allow)) for role in roles),
    ):
        if allow or deny:
            yield Layer(Rule.CHANNEL_ROLE, allow & _OVERWRITABLE, deny & _OVERWRITABLE, role)
    if situation.own != NO_OVERWRITE:
        yield Layer(Rule.CHANNEL_MEMBER, situation.own.allow & _OVERWRITABLE, situation.own.deny & _OVERWRITABLE)


class Standing(NamedTuple):
    """Where a member stands: his rank, the position of his top role, his rights."""

    rank: Rank
    top: int
    permissions: Permission


def rights(situation: Situation) -> int:
    """The bits that are left when all rules have had their say."""
    bits = 0
    for _, allow, deny, _ in layers(situation):
        bits = bits & ~deny | allow
    return bits & _ALL


def resolve(situation: Situation) -> Standing:
    """Whoever is timed out acts as a plain member: his rank opens nothing. Administrators cannot be timed out."""
    permissions = Permission(rights(situation))
    silenced = situation.timed_out and permissions != EVERYTHING
    top = max(role.position for role in situation.roles)
    return Standing(Rank.MEMBER if silenced else situation.rank, top, permissions)


def explain(situation: Situation, permission: Permission) -> list[Layer]:
    """The rules that have a say about it, in their order; the last one decides. Without any it was never granted."""
    return [layer for layer in layers(situation) if (layer.allow | layer.deny) & permission]


def may(standing: Standing, need: Permission, or_rank: Rank | None = None) -> bool:
    """All bits of `need`, or at least `or_rank` where the contract lets the member role suffice."""
    return standing.permissions & need == need or (or_rank is not None and standing.rank >= or_rank)


def outranks(actor: Standing, target: Standing) -> bool:
    """Whether `actor` may act on `target`: his top role, member roles counted in, is strictly above the other's.

    The owner is above all and untouchable.
    """
    if target.rank is Rank.OWNER:
        return False
    if actor.rank is Rank.OWNER:
        return True
    return actor.top > target.top


def may_handle_role(actor: Standing, position: int, bits: int = 0) -> bool:
    """Whether `actor` may create, change, assign or strip a role there: strictly below his own top, no bit he lacks.

    A bit without a meaning is nobody's but an administrator's: the day it means something, nobody else put it there.
    """
    if actor.rank is Rank.OWNER:
        return True
    if position >= actor.top:
        return False
    return actor.permissions == EVERYTHING or bits & ~int(actor.permissions) == 0


def may_appoint(actor: Standing, rank: Rank, position: int, bits: int) -> bool:
    """Whether `actor` may give somebody that member role, whose default role has this position and these bits.

    It lies below his own one and is a role he may handle. A plain member is what every invite makes: anybody may.
    """
    if rank is Rank.MEMBER:
        return True
    return rank < actor.rank and may_handle_role(actor, position, bits)


def position_for_new(actor: Standing) -> int:
    """Where a role goes that does not say: to 1, or below its maker when he himself is no higher than that."""
    return 1 if actor.rank is Rank.OWNER else min(1, actor.top - 1)


def presets_in_order(positions: Mapping[str, int]) -> bool:
    """@everyone at the bottom, then the member roles as they rank: so a promotion never lowers anybody."""
    ladder = [positions[role.preset] for role in DEFAULT_ROLES]
    return ladder[0] == 0 and all(low < high for low, high in pairwise(ladder))
