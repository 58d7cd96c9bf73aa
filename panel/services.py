"""Writes of the panel's own: in and out. All else goes through the services of other rooms."""

from datetime import timedelta

from django.db import transaction

from accounts.models import Session, User
from accounts.services import session_begin
from audit.services import Target
from moderation.services.acts import act_record

LIFETIME = timedelta(hours=12)  # then one signs in again, however busy
NAMED = "ProjectVoice panel; "  # in the list of one's sessions


@transaction.atomic
def panel_enter(*, user: User, user_agent: str, address: str) -> Session:
    """A session like any other, so that all that ends one ends this. The audit log says who came in, and from where."""
    session = session_begin(user=user, user_agent=NAMED + user_agent, address=address, lifetime=LIFETIME)
    act_record(user, "panel.sign_in", Target("user", user.pk, user.username), None, None)
    return session
