"""Takes a person off the instance, and leaves a receipt in the audit log that does not name him."""

from django.db import transaction

from accounts.models import User
from accounts.services import admin_must_remain, admins_held, user_block, user_delete, user_locked
from audit.models import AuditEntry
from audit.services import Target, audit_record
from events.sequencer import drain
from messaging.attachments.services import attachments_sweep
from messaging.models import Message
from messaging.services import messages_erase
from moderation.services.acts import LOG
from moderation.services.reports import reports_forget
from servers.services.servers import owned_servers_alone

REASON = "This account is being erased"


def user_erase(*, user: User, keep_messages: bool) -> AuditEntry:
    """The receipt. Interrupted, it leaves the account blocked with fewer messages, and may be called again.

    Raises OwnsServers and LastAdmin before anything is touched.
    """
    _close(user)
    while True:
        if not keep_messages:
            while messages_erase(user=user):
                pass
        if receipt := _remove(user, keep_messages):
            break
    while attachments_sweep():  # with the account's row went those of its files
        pass
    while drain():  # and what was said in conversations and servers that went leaves the log
        pass
    return receipt


@transaction.atomic
def _close(user: User) -> None:
    admins_held()
    user = user_locked(user)
    admin_must_remain(user)
    owned_servers_alone(user)
    if user.is_active:
        user_block(user=user, by=None, reason=REASON)


@transaction.atomic
def _remove(user: User, keep_messages: bool) -> AuditEntry | None:
    """None if a request that was under way has written one more message."""
    admins_held()
    user_locked(user)  # no new row can refer to it now
    if not keep_messages and Message.objects.filter(user=user).exists():
        return None
    reports_forget(user=user)
    user_delete(user=user)
    after = {"messages": "kept" if keep_messages else "erased"}
    return audit_record(log=LOG, actor=None, action="user.erase", target=Target("user", user.pk, ""), after={**after})
