"""The rules of who may do what, as tables and against a plain reference; no database."""

import re
from functools import reduce
from operator import or_

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servers.permissions import (
    DEFAULT_ROLES,
    EVERYTHING,
    NOTHING,
    Carried,
    Overwrite,
    Permission,
    Rank,
    Rule,
    Situation,
    Standing,
    explain,
    may,
    may_appoint,
    may_handle_role,
    outranks,
    position_for_new,
    presets_in_order,
    resolve,
)

P = Permission
TALK = P.ADD_REACTIONS | P.VIEW_CHANNEL | P.SEND_MESSAGES | P.READ_MESSAGE_HISTORY | P.CONNECT | P.SPEAK

# CONTRACT 4: name → (the decimal number clients see, position, colour, hoisted, the bits it means)
CONTRACT = {
    "@everyone": (3214400, 0, "#99AAB5", False, TALK),
    "Member": (70323264, 1, "#57F287", False, TALK | P.CHANGE_NICKNAME),
    "Moderator": (
        32582726,
        2,
        "#5865F2",
        True,
        TALK | P.KICK_MEMBERS | P.BAN_MEMBERS | P.MANAGE_MESSAGES | P.MUTE_MEMBERS | P.DEAFEN_MEMBERS | P.MOVE_MEMBERS,
    ),
    "Admin": (
        268435640,
        3,
        "#E67E22",
        True,
        P.ADMINISTRATOR | P.MANAGE_CHANNELS | P.MANAGE_GUILD | P.VIEW_AUDIT_LOG | P.MANAGE_ROLES,
    ),
    "Owner": (8, 4, "#F1C40F", True, P.ADMINISTRATOR),
}

# CONTRACT 4, in its order; the number of a bit never changes.
BITS = re.findall(
    r"\w+",
    """
    CREATE_INSTANT_INVITE KICK_MEMBERS BAN_MEMBERS ADMINISTRATOR MANAGE_CHANNELS MANAGE_GUILD ADD_REACTIONS VIEW_AUDIT_LOG
    PRIORITY_SPEAKER STREAM VIEW_CHANNEL SEND_MESSAGES SEND_TTS_MESSAGES MANAGE_MESSAGES EMBED_LINKS ATTACH_FILES
    READ_MESSAGE_HISTORY MENTION_EVERYONE USE_EXTERNAL_EMOJIS VIEW_GUILD_INSIGHTS CONNECT SPEAK MUTE_MEMBERS
    DEAFEN_MEMBERS MOVE_MEMBERS USE_VAD CHANGE_NICKNAME MANAGE_NICKNAMES MANAGE_ROLES MANAGE_WEBHOOKS
    MANAGE_EMOJIS_AND_STICKERS USE_APPLICATION_COMMANDS REQUEST_TO_SPEAK MANAGE_EVENTS MANAGE_THREADS CREATE_PUBLIC_THREADS
    CREATE_PRIVATE_THREADS USE_EXTERNAL_STICKERS SEND_MESSAGES_IN_THREADS USE_EMBEDDED_ACTIVITIES MODERATE_MEMBERS
    """,
)


def test_every_bit_has_the_number_of_the_contract():
    assert {bit.name: bit.value for bit in Permission} == {name: 1 << number for number, name in enumerate(BITS)}
    assert reduce(or_, Permission) == EVERYTHING


def test_the_default_roles_are_those_of_the_contract():
    ours = {role.name: (int(role.permissions), role.position, role.color, role.is_hoisted) for role in DEFAULT_ROLES}
    assert ours == {name: row[:4] for name, row in CONTRACT.items()}


@pytest.mark.parametrize("name", CONTRACT)
def test_a_default_role_means_exactly_these_bits(name):
    role = next(role for role in DEFAULT_ROLES if role.name == name)
    assert role.permissions == CONTRACT[name][4]


def test_each_rank_has_its_preset():
    assert {role.preset for role in DEFAULT_ROLES} == {"everyone", *(rank.name.lower() for rank in Rank)}


@pytest.mark.parametrize(
    ("rank", "everyone", "preset", "custom", "expected"),
    [
        (Rank.MEMBER, 0, 0, [], NOTHING),
        (Rank.MEMBER, P.VIEW_CHANNEL, 0, [], P.VIEW_CHANNEL),
        (Rank.MEMBER, 0, P.SPEAK, [], P.SPEAK),
        (Rank.MEMBER, 0, 0, [P.CONNECT, P.STREAM], P.CONNECT | P.STREAM),
        (Rank.MEMBER, P.VIEW_CHANNEL, P.SPEAK, [P.CONNECT], P.VIEW_CHANNEL | P.SPEAK | P.CONNECT),
        (Rank.MEMBER, P.ADMINISTRATOR, 0, [], EVERYTHING),
        (Rank.MEMBER, 0, P.ADMINISTRATOR, [], EVERYTHING),
        (Rank.MEMBER, 0, 0, [P.SPEAK, P.ADMINISTRATOR], EVERYTHING),
        (Rank.OWNER, 0, 0, [], EVERYTHING),
        (Rank.ADMIN, 0, 0, [], NOTHING),  # an admin whose preset was emptied holds nothing
        (Rank.MEMBER, 1 << 50, 0, [], NOTHING),  # a bit without a meaning
    ],
)
def test_rights_are_the_union_of_everyone_preset_and_custom_roles(rank, everyone, preset, custom, expected):
    assert resolve(situation(rank, everyone, preset, *custom)).permissions == expected


def situation(rank, *permissions, overwrites=(), **place):
    """Somebody with @everyone and these roles, the first of them his preset; role n has the position n."""
    roles = [Carried(number, f"role {number}", bits, number) for number, bits in enumerate(permissions)]
    for number, overwrite in enumerate(overwrites):
        roles[number] = roles[number]._replace(overwrite=overwrite)
    return Situation(rank, roles, **place)


SEE = P.VIEW_CHANNEL
BOTH = SEE | P.SPEAK


@pytest.mark.parametrize(
    ("overwrites", "own", "expected"),
    [
        ([], (0, 0), BOTH),
        ([(0, P.SPEAK)], (0, 0), SEE),
        ([(P.STREAM, 0)], (0, 0), BOTH | P.STREAM),
        ([(0, P.SPEAK), (P.SPEAK, 0)], (0, 0), BOTH),  # a role overrules @everyone
        ([(P.STREAM, 0), (0, P.STREAM)], (0, 0), BOTH),
        ([(0, 0), (0, P.SPEAK), (P.SPEAK, 0)], (0, 0), BOTH),  # among roles what gives wins, whatever their order
        ([(0, 0), (P.SPEAK, 0), (0, P.SPEAK)], (0, 0), BOTH),
        ([(P.SPEAK, 0), (P.SPEAK, 0)], (0, P.SPEAK), SEE),  # the member's own overrules all
        ([(0, P.SPEAK), (0, P.SPEAK)], (P.SPEAK, 0), BOTH),
        ([(P.SPEAK, SEE)], (0, 0), NOTHING),  # who does not see a channel does nothing in it
        ([(0, SEE), (0, 0), (SEE, 0)], (0, 0), BOTH),
        ([(P.KICK_MEMBERS | P.ADMINISTRATOR, 0)], (P.BAN_MEMBERS, 0), BOTH),  # nothing that is about the server as a whole
    ],
)
def test_a_channel_gives_and_takes_as_on_discord(overwrites, own, expected):
    overwrites = [Overwrite(*map(int, bits)) for bits in overwrites]
    there = situation(Rank.MEMBER, BOTH, 0, 0, overwrites=overwrites, in_channel=True, own=Overwrite(*map(int, own)))
    assert resolve(there).permissions == expected


def test_no_channel_takes_anything_from_administrators_and_the_owner():
    all_taken = [Overwrite(deny=int(EVERYTHING))] * 2
    for who in (
        situation(Rank.OWNER, 0, 0, overwrites=all_taken, in_channel=True, own=all_taken[0]),
        situation(Rank.MEMBER, 0, P.ADMINISTRATOR, overwrites=all_taken, in_channel=True, own=all_taken[0]),
    ):
        assert resolve(who).permissions == EVERYTHING


def test_whoever_is_timed_out_reads_as_a_plain_member():
    moderator = situation(Rank.MODERATOR, TALK, P.KICK_MEMBERS, timed_out=True)
    assert resolve(moderator) == Standing(Rank.MEMBER, 1, P.VIEW_CHANNEL | P.READ_MESSAGE_HISTORY)
    assert resolve(moderator._replace(timed_out=False)) == Standing(Rank.MODERATOR, 1, TALK | P.KICK_MEMBERS)
    administrator = situation(Rank.ADMIN, 0, P.ADMINISTRATOR, timed_out=True)
    assert resolve(administrator) == Standing(Rank.ADMIN, 1, EVERYTHING)


def chain(situation, permission):
    return [
        (layer.rule, bool(layer.allow & permission), layer.role and layer.role.id) for layer in explain(situation, permission)
    ]


def test_the_chain_of_rules_names_where_each_comes_from():
    there = situation(
        Rank.MEMBER,
        BOTH,
        P.SPEAK,
        overwrites=[Overwrite(deny=int(P.SPEAK)), Overwrite(allow=int(P.SPEAK))],
        in_channel=True,
        own=Overwrite(deny=int(P.SPEAK)),
        timed_out=True,
    )
    assert chain(there, P.SPEAK) == [
        (Rule.ROLE, True, 0),
        (Rule.ROLE, True, 1),
        (Rule.CHANNEL_ROLE, False, 0),
        (Rule.CHANNEL_ROLE, True, 1),
        (Rule.CHANNEL_MEMBER, False, None),
        (Rule.TIMEOUT, False, None),
    ]
    assert chain(there, P.BAN_MEMBERS) == [(Rule.TIMEOUT, False, None)]
    assert chain(there._replace(timed_out=False), P.BAN_MEMBERS) == []  # never granted
    hidden = situation(Rank.MEMBER, BOTH, overwrites=[Overwrite(deny=int(SEE))], in_channel=True)
    assert chain(hidden, P.SPEAK) == [(Rule.ROLE, True, 0), (Rule.HIDDEN_CHANNEL, False, None)]
    assert chain(situation(Rank.OWNER, 0), P.SPEAK) == [(Rule.OWNER, True, None)]
    assert chain(situation(Rank.MEMBER, 0, P.ADMINISTRATOR), P.SPEAK) == [(Rule.ADMINISTRATOR, True, 1)]


def standing(rank=Rank.MEMBER, top=1, permissions=NOTHING):
    return Standing(rank, top, permissions)


@pytest.mark.parametrize(
    ("held", "rank", "need", "or_rank", "allowed"),
    [
        (NOTHING, Rank.MEMBER, NOTHING, None, True),
        (NOTHING, Rank.MEMBER, P.SPEAK, None, False),
        (P.SPEAK, Rank.MEMBER, P.SPEAK, None, True),
        (P.SPEAK, Rank.MEMBER, P.SPEAK | P.CONNECT, None, False),  # all of them, not any
        (P.SPEAK | P.CONNECT, Rank.MEMBER, P.SPEAK | P.CONNECT, None, True),
        (NOTHING, Rank.MODERATOR, P.MANAGE_CHANNELS, Rank.MODERATOR, True),
        (NOTHING, Rank.ADMIN, P.MANAGE_CHANNELS, Rank.MODERATOR, True),
        (NOTHING, Rank.MEMBER, P.MANAGE_CHANNELS, Rank.MODERATOR, False),
        (P.MANAGE_CHANNELS, Rank.MEMBER, P.MANAGE_CHANNELS, Rank.MODERATOR, True),
        (NOTHING, Rank.OWNER, P.MANAGE_CHANNELS, None, False),  # the owner passes by what `resolve` gives him
    ],
)
def test_a_door_opens_for_all_needed_bits_or_for_the_rank(held, rank, need, or_rank, allowed):
    assert may(standing(rank, permissions=held), need, or_rank) is allowed


@pytest.mark.parametrize(
    ("actor", "target", "above"),
    [
        (standing(Rank.OWNER, 4), standing(Rank.ADMIN, 3), True),
        (standing(Rank.OWNER, 4), standing(Rank.ADMIN, 99), True),  # whatever roles the other collected
        (standing(Rank.OWNER, 4), standing(Rank.OWNER, 4), False),
        (standing(Rank.ADMIN, 99), standing(Rank.OWNER, 4), False),
        (standing(Rank.ADMIN, 3), standing(Rank.MODERATOR, 2), True),
        (standing(Rank.ADMIN, 3), standing(Rank.ADMIN, 3), False),
        (standing(Rank.MODERATOR, 2), standing(Rank.ADMIN, 3), False),
        (standing(Rank.ADMIN, 3), standing(Rank.MEMBER, 7), False),  # a custom role lifts its bearer
        (standing(Rank.MEMBER, 7), standing(Rank.MODERATOR, 2), True),
    ],
)
def test_one_acts_only_on_those_strictly_below(actor, target, above):
    assert outranks(actor, target) is above


@pytest.mark.parametrize(
    ("actor", "position", "bits", "allowed"),
    [
        (standing(top=5, permissions=P.SPEAK), 4, 0, True),
        (standing(top=5, permissions=P.SPEAK), 5, 0, False),  # his own height
        (standing(top=5, permissions=P.SPEAK), 6, 0, False),
        (standing(top=5, permissions=P.SPEAK), 4, P.SPEAK, True),
        (standing(top=5, permissions=P.SPEAK), 4, P.SPEAK | P.ADMINISTRATOR, False),  # a bit he lacks
        (standing(top=5, permissions=P.SPEAK), 4, 1 << 50, False),  # no meaning yet: an administrator's only
        (standing(Rank.ADMIN, 3, EVERYTHING), 2, P.ADMINISTRATOR, True),
        (standing(Rank.ADMIN, 3, EVERYTHING), 2, 2**63 - 1, True),  # ADMINISTRATOR counts as all 64-bit values
        (standing(Rank.OWNER, 4, EVERYTHING), 1000, 2**63 - 1, True),
    ],
)
def test_a_role_is_handled_from_above_and_with_ones_own_bits(actor, position, bits, allowed):
    assert may_handle_role(actor, position, bits) is allowed


@pytest.mark.parametrize(
    ("actor", "rank", "position", "bits", "allowed"),
    [
        (standing(Rank.MEMBER, 1), Rank.MEMBER, 1, TALK, True),  # what any invite gives
        (standing(Rank.MEMBER, 9, EVERYTHING), Rank.MODERATOR, 2, 0, False),  # a custom role is no rank
        (standing(Rank.MODERATOR, 9, EVERYTHING), Rank.MODERATOR, 2, 0, False),  # his equal
        (standing(Rank.MODERATOR, 9, EVERYTHING), Rank.ADMIN, 3, 0, False),
        (standing(Rank.ADMIN, 3, EVERYTHING), Rank.MODERATOR, 2, P.KICK_MEMBERS, True),
        (standing(Rank.ADMIN, 3, P.SPEAK), Rank.MODERATOR, 2, P.KICK_MEMBERS, False),  # a bit he lacks
        (standing(Rank.ADMIN, 3, EVERYTHING), Rank.ADMIN, 3, 0, False),
        (standing(Rank.OWNER, 4, EVERYTHING), Rank.ADMIN, 3, P.ADMINISTRATOR, True),
        (standing(Rank.OWNER, 4, EVERYTHING), Rank.OWNER, 4, P.ADMINISTRATOR, False),  # by transfer only
    ],
)
def test_a_member_role_is_given_from_above(actor, rank, position, bits, allowed):
    assert may_appoint(actor, rank, position, bits) is allowed


@pytest.mark.parametrize(
    ("actor", "position"),
    [
        (standing(Rank.OWNER, 4), 1),
        (standing(Rank.OWNER, 0), 1),
        (standing(Rank.ADMIN, 3), 1),
        (standing(top=2), 1),
        (standing(top=1), 0),
    ],
)
def test_a_new_role_goes_to_the_bottom_and_below_its_maker(actor, position):
    assert position_for_new(actor) == position
    assert may_handle_role(actor, position)


DEFAULT_POSITIONS = {role.preset: role.position for role in DEFAULT_ROLES}


@pytest.mark.parametrize(
    ("moved", "in_order"),
    [
        ({}, True),
        ({"owner": 40, "admin": 30, "moderator": 20, "member": 10}, True),
        ({"everyone": 1, "member": 2, "moderator": 3, "admin": 4, "owner": 5}, False),
        ({"member": 0}, False),
        ({"moderator": 1}, False),
        ({"moderator": 3}, False),
        ({"admin": 9}, False),
    ],
)
def test_the_default_roles_stand_as_the_member_roles_rank(moved, in_order):
    assert presets_in_order({**DEFAULT_POSITIONS, **moved}) is in_order


# The reference: sets of names, no arithmetic.

bits = st.integers(0, 2**63 - 1)
ranks = st.sampled_from(Rank)


def names(value: int) -> set[str]:
    return {name for number, name in enumerate(BITS) if value >> number & 1}


few_bits = st.sampled_from([0, int(SEE), int(BOTH), int(P.SPEAK), int(P.ADMINISTRATOR)]) | bits
overwrites = st.builds(lambda allow, deny: Overwrite(allow & ~deny, deny), few_bits, few_bits)
roles = st.lists(st.tuples(few_bits, overwrites), min_size=2, max_size=5)
situations = st.builds(
    lambda rank, roles, in_channel, own, timed_out: situation(
        rank,
        *(bits for bits, _ in roles),
        overwrites=[overwrite for _, overwrite in roles],
        in_channel=in_channel,
        own=own,
        timed_out=timed_out,
    ),
    ranks,
    roles,
    st.booleans(),
    overwrites,
    st.booleans(),
)
WHOLE_SERVER = {
    *("KICK_MEMBERS", "BAN_MEMBERS", "ADMINISTRATOR", "MANAGE_GUILD", "VIEW_AUDIT_LOG", "VIEW_GUILD_INSIGHTS"),
    *("CHANGE_NICKNAME", "MANAGE_NICKNAMES", "MANAGE_EMOJIS_AND_STICKERS", "MODERATE_MEMBERS"),
}


def reference(situation):
    """Discord's own description of its permissions, in sets of names."""
    held = {name for role in situation.roles for name in names(role.permissions)}
    if situation.rank is Rank.OWNER or "ADMINISTRATOR" in held:
        return set(BITS)
    if situation.in_channel:
        everyone, *others = [role.overwrite for role in situation.roles]
        for denied, allowed in (
            ([everyone], [everyone]),
            (others, others),
            ([situation.own], [situation.own]),
        ):
            held -= {name for overwrite in denied for name in names(overwrite.deny)} - WHOLE_SERVER
            held |= {name for overwrite in allowed for name in names(overwrite.allow)} - WHOLE_SERVER
        if "VIEW_CHANNEL" not in held:
            return set()
    return held & {"VIEW_CHANNEL", "READ_MESSAGE_HISTORY"} if situation.timed_out else held


@given(situations)
def test_rights_agree_with_a_plain_reference(situation):
    assert names(int(resolve(situation).permissions)) == reference(situation)


@given(situations, st.sampled_from(list(Permission)))  # single bits, no combinations
def test_the_chain_of_rules_says_what_the_door_does(situation, permission):
    rules = explain(situation, permission)
    granted = bool(rules) and bool(rules[-1].allow & permission)
    assert granted is (permission.name in names(int(resolve(situation).permissions)))


@given(ranks, bits, bits, st.none() | ranks)
def test_doors_agree_with_a_plain_reference(rank, held, need, or_rank):
    held, need = held & EVERYTHING, need & EVERYTHING
    expected = names(need) <= names(held) or (or_rank is not None and rank.value >= or_rank.value)
    assert may(Standing(rank, 1, Permission(held)), Permission(need), or_rank) is expected


@given(ranks, st.integers(0, 9), ranks, st.integers(0, 9))
def test_of_two_people_at_most_one_acts_on_the_other(rank, top, other_rank, other_top):
    one, other = standing(rank, top), standing(other_rank, other_top)
    assert not (outranks(one, other) and outranks(other, one))
    assert not outranks(one, one)


@given(ranks, st.integers(0, 9), bits | st.just(EVERYTHING), st.integers(0, 9), bits | st.integers(0, 255))
def test_role_handling_agrees_with_a_plain_reference(rank, top, held, position, wanted):
    held = held & EVERYTHING
    covered = held == EVERYTHING or (names(wanted) <= names(held) and wanted < 1 << len(BITS))
    expected = rank is Rank.OWNER or (position < top and covered)
    assert may_handle_role(Standing(rank, top, Permission(held)), position, wanted) is expected
