"""The only door to the admin panel: by global role, read from the row."""

from accounts.models import GlobalRole, User
from moderation.errors import StaffOnly

RANKS = {GlobalRole.USER: 0, GlobalRole.MODERATOR: 1, GlobalRole.ADMIN: 2}


def access_admin(user: User, need: GlobalRole = GlobalRole.ADMIN) -> None:
    """Moderators read the lists; all else needs an administrator."""
    if RANKS[GlobalRole(user.role)] < RANKS[need]:
        raise StaffOnly


def access_admin_now(user: User) -> None:
    """The same door by the row as it is now: who was demoted or blocked while he waited acts no more."""
    current = User.objects.filter(pk=user.pk, is_active=True).first()
    if current is None:
        raise StaffOnly
    access_admin(current)
