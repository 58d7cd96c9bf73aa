"""The least that is valid. Written through the services, so that a test starts from what the product makes."""

from itertools import count

from accounts.models import User
from accounts.services import session_open, user_register
from accounts.tokens import token_for
from messaging.models import Message
from messaging.services import message_create
from servers.access import access_server
from servers.models import Channel, Invite, Member, Role, Server
from servers.services.channels import channel_create
from servers.services.invites import invite_create
from servers.services.members import member_add
from servers.services.servers import server_create

PASSWORD = "password123"
_numbers = count(1)


def make_user(**fields: str) -> User:
    number = next(_numbers)
    return user_register(**{"username": f"user{number}", "email": f"user{number}@example.com", "password": PASSWORD, **fields})


def make_token(user: User) -> str:
    return token_for(session_open(user=user))


def make_server(owner: User | None = None, name: str = "Server") -> Server:
    return server_create(owner=owner or make_user(), name=name)


def make_member(
    server: Server, role: str = "member", permissions: int = 0, position: int = 1, user: User | None = None
) -> Member:
    """A member; with `permissions` he carries a custom role with just these bits at that position."""
    member = member_add(server=server, user=user or make_user(), role=role)
    if permissions:
        make_role(server, permissions, position, holder=member)
    return member


def make_role(server: Server, permissions: int = 0, position: int = 1, holder: Member | None = None) -> Role:
    role = Role.objects.create(server=server, name="custom", color="#123456", permissions=permissions, position=position)
    if holder:
        holder.roles.add(role)
    return role


def make_channel(server: Server, type: str = "voice", name: str = "lobby") -> Channel:
    return channel_create(access=access_server(server.owner, server.pk), name=name, type=type)


def make_invite(server: Server, max_uses: int | None = None) -> Invite:
    return invite_create(access=access_server(server.owner, server.pk), max_uses=max_uses)


def make_messages(channel: Channel, count: int, user: User | None = None) -> list[Message]:
    """`text 0`, `text 1`, … by the server's owner, or by somebody else."""
    writer = user or channel.server.owner
    return [message_create(channel=channel, user=writer, content=f"text {number}")[0] for number in range(count)]
