"""Links that prove who reads an account's mail: for a new password, and for the address itself."""

import logging
from functools import partial

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.errors import EmailConfirmedAlready
from accounts.models import User
from accounts.post import post
from accounts.selectors import user_by_email
from accounts.services import password_set, session_end_all
from accounts.tickets import EMAIL, PASSWORD_RESET
from projectvoice.kernel.errors import Text, TooManyRequests
from projectvoice.kernel.limits import Limit

logger = logging.getLogger(__name__)

FORGOT_PER_ADDRESS = Limit("forgot-address", most=60, window=600)
LETTERS_PER_MAILBOX = Limit("letter-mailbox", most=3, window=600)
LETTERS_PER_USER = Limit("letter-user", most=10, window=3600)  # whatever addresses he gives himself
# Counted apart: asking for other letters first must not keep the one that warns from coming.
WARNINGS_PER_MAILBOX = Limit("warning-mailbox", most=3, window=600)
WARNINGS_PER_USER = Limit("warning-user", most=10, window=3600)

ENOUGH = "User %s has been sent enough mail for now: one more was dropped"
RESET_SUBJECT = Text("A new password for {username}", "Новый пароль для {username}")
RESET_BODY = Text(
    "Somebody, hopefully you, asked for a new password for the account {username}.\n"
    "Within an hour you can set one here:\n\n{link}\n\n"
    "If it was not you, nothing needs to be done: the old password stays.\n",
    "Кто-то, надеемся, вы, запросил новый пароль для учётной записи {username}.\n"
    "В течение часа его можно задать здесь:\n\n{link}\n\n"
    "Если это были не вы, ничего делать не нужно: прежний пароль остаётся.\n",
)
CONFIRM_SUBJECT = Text("Is this your e-mail address, {username}?", "Это ваш адрес e-mail, {username}?")
CONFIRM_BODY = Text(
    "The account {username} gave this address as its own. If it is yours, confirm it within three days:\n\n{link}\n\n"
    "If you know of no such account, nothing needs to be done.\n",
    "Учётная запись {username} указала этот адрес как свой. Если он ваш, подтвердите его в течение трёх дней:\n\n{link}\n\n"
    "Если вы не знаете такой учётной записи, ничего делать не нужно.\n",
)
CHANGED_SUBJECT = Text("{username} has another e-mail address now", "У {username} теперь другой адрес e-mail")
CHANGED_BODY = Text(
    "The account {username} no longer has this e-mail address: letters for it, also those for a new password, go elsewhere.\n\n"
    "If it was not you who changed that, change your password and end all other sessions at once: {link}\n",
    "У учётной записи {username} больше не этот адрес e-mail: письма для неё, в том числе о новом пароле, идут на другой.\n\n"
    "Если адрес сменили не вы, сразу смените пароль и завершите остальные сеансы: {link}\n",
)


def password_forgot(*, email: str, address: str, base: str, language: str) -> None:
    """Mails a link, if there is such an account. The caller cannot tell, nor by the time it takes: the rest is done later."""
    FORGOT_PER_ADDRESS.take(address)
    user = user_by_email(email)
    post(partial(_mail_if_known, user, base, language))


@transaction.atomic
def password_reset(*, token: str, new_password: str) -> None:
    """Every session ends; of two resets by one link one is done. The second factor stays. Raises TicketSpent."""
    user = PASSWORD_RESET.user_of(token, User.objects.select_for_update())
    password_set(user=user, password=new_password)
    session_end_all(user=user)


def email_confirmation_send(*, user: User, base: str, language: str) -> None:
    """At the user's own wish. Raises EmailConfirmedAlready and TooManyRequests."""
    if user.email_confirmed:
        raise EmailConfirmedAlready
    _count(user)
    post(partial(_mail, user, user.email, email_confirm_link(user, base), CONFIRM_SUBJECT, CONFIRM_BODY, language))


def email_change_tell(*, user: User, before: str, base: str, language: str) -> None:
    """Asks the new address, and tells the one that was given up: with a session that is not his, somebody may be taking
    the account away.
    """
    if before.lower() != user.email.lower():
        post(partial(_warn_if_few, user, before, base, language))
        email_confirmation_ask(user=user, base=base, language=language)


def email_confirmation_ask(*, user: User, base: str, language: str) -> None:
    """Where the instance wants it, whenever an account has a new address."""
    if settings.EMAIL_CONFIRMATION == "required" and not user.email_confirmed:
        link = email_confirm_link(user, base)
        post(partial(_mail_if_few, user, link, CONFIRM_SUBJECT, CONFIRM_BODY, language))


@transaction.atomic
def email_confirm(*, token: str) -> None:
    """Once more does no harm. Raises TicketSpent."""
    user = EMAIL.user_of(token, User.objects.select_for_update())
    if not user.email_confirmed:
        user.email_confirmed_at = timezone.now()
        user.save(update_fields=["email_confirmed_at", "updated_at"])


def password_reset_link(user: User, base: str) -> str:
    """The token stands behind `#`: browsers send it to no server, so that no log has it."""
    return f"{base}/reset-password#{PASSWORD_RESET.issue(user)}"


def email_confirm_link(user: User, base: str) -> str:
    return f"{base}/confirm-email#{EMAIL.issue(user)}"


def base_of(request: HttpRequest) -> str:
    """PUBLIC_URL, else the address this request was sent to: settings.py lets strangers choose that only while no mail leaves."""
    return settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")


def _mail_if_known(user: User | None, base: str, language: str) -> None:
    if user is not None:
        _mail_if_few(user, password_reset_link(user, base), RESET_SUBJECT, RESET_BODY, language)


def _mail_if_few(user: User, link: str, subject: Text, body: Text, language: str) -> None:
    try:
        _count(user)
    except TooManyRequests:
        logger.warning(ENOUGH, user.pk)
    else:
        _mail(user, user.email, link, subject, body, language)


def _warn_if_few(user: User, before: str, base: str, language: str) -> None:
    try:
        WARNINGS_PER_MAILBOX.take(before.lower())
        WARNINGS_PER_USER.take(str(user.pk))
    except TooManyRequests:
        logger.warning(ENOUGH, user.pk)
    else:
        _mail(user, before, base, CHANGED_SUBJECT, CHANGED_BODY, language)


def _count(user: User) -> None:
    LETTERS_PER_MAILBOX.take(user.email.lower())
    LETTERS_PER_USER.take(str(user.pk))


def _mail(user: User, to: str, link: str, subject: Text, body: Text, language: str) -> None:
    words = {"username": user.username, "link": link}
    EmailMessage(subject.to(language).format(**words), body.to(language).format(**words), to=[to]).send()
