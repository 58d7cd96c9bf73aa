"""A month in the life of an instance, for those who look at the panel: `manage.py shell -c "from tests.panel.town import build; build('…')"`."""

import random
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from django.db.models import F

from accounts.models import User
from figures.models import Figure
from messaging.models import Message, Tally
from messaging.services import message_create
from moderation.services.acts import admin_user_block
from moderation.services.reports import message_report, report_decide, user_report
from tests.factories import make_channel, make_member, make_server, make_user
from turn.models import RelayUsage

NAMES = ("Anna", "Boris", "Clara", "David", "Elena", "Felix", "Greta", "Henry", "Irina", "Jonas", "Kira", "Lev")
TALK = ("Shall we sing at seven?", "I bring the scores.", "The second voice is hard.", "Tea afterwards, as ever.")
DAYS = 30


def build(mark: str) -> None:
    """Names end with `mark`. The administrator is `vera` with it, and the password is that of the factories."""
    chance, now = random.Random(7), datetime.now(UTC)
    vera = make_user(username=f"vera{mark}", role="admin", email=f"vera{mark}@example.com")
    people = [make_user(username=f"{name}{mark}", email=f"{name}{mark}@example.com".lower()) for name in NAMES]
    for number, user in enumerate(people):
        User.objects.filter(pk=user.pk).update(created_at=now - timedelta(days=2 * (len(people) - number)))
    choir = make_server(people[0], "Northern Choir")
    make_server(people[3], "Chess on Sundays")
    channel = make_channel(choir, "text", "general")
    for user in people[1:]:
        make_member(choir, user=user)
    _talk(channel, people, chance, now)
    _figures(people, chance, now)
    _reports(vera, channel, people)


def _talk(channel, people, chance, now):
    moments = sorted(now - timedelta(days=chance.uniform(0, DAYS - 1) * chance.uniform(0.3, 1)) for _ in range(600))
    last = Tally.objects.get_or_create(channel=channel)[0].last_position
    Message.objects.bulk_create(
        Message(
            channel=channel, position=last + number, user=chance.choice(people), content=chance.choice(TALK), created_at=moment
        )
        for number, moment in enumerate(moments, 1)
    )
    Tally.objects.filter(channel=channel).update(total=F("total") + len(moments), last_position=last + len(moments))


def _figures(people, chance, now):
    for ago in range(DAYS):
        day = (now - timedelta(days=ago)).date()
        Figure.objects.get_or_create(name="calls", day=day, defaults={"total": chance.randint(4, 22)})
        Figure.objects.get_or_create(name="errors", day=day, defaults={"total": chance.choice((0, 0, 0, 1, 2, 7))})
        for user in people[:4]:
            carried = chance.randint(20, 220) * 1_000_000
            RelayUsage.objects.create(
                user=user, day=day, packets_up=1, bytes_up=carried, packets_down=1, bytes_down=carried // 2, batch=uuid4()
            )


def _reports(vera, channel, people):
    name = f"mallory{people[0].username[len(NAMES[0]) :]}"
    mallory = make_user(username=name, email=f"{name}@example.com")
    make_member(channel.server, user=mallory)
    for text in ("Hello everybody", "Buy my pills! Cheap, today only"):
        message, _ = message_create(channel=channel, user=mallory, content=text)
    message_report(by=people[1], message=message, category="spam", reason="Advertising, third time this week")
    user_report(by=people[2], user=people[5], category="harassment", reason="Writes to me again and again")
    done = message_report(by=people[4], message=message, category="other", reason="Not about singing")
    report_decide(by=vera, report=done, decision="dismiss", reason="It is dealt with elsewhere")
    admin_user_block(by=vera, user=people[7], reason="Spread malware")
