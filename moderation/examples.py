"""Examples of the admin panel and of reports for the OpenAPI document; seed 002's where it has them."""

from accounts.examples import CREATED, PICTURE, TIMES
from messaging.errors import MessageNotFound
from moderation.errors import OwnCase, ReportNotFound, StaffOnly
from moderation.serializers import (
    AdminReportDetailOutput,
    AdminReportListOutput,
    AdminReportOutput,
    AdminServerChangedOutput,
    AdminServerListOutput,
    AdminServerOutput,
    AdminUserChangedOutput,
    AdminUserListOutput,
    AdminUserOutput,
    AppealInput,
    DecisionInput,
    LogsOutput,
    ReasonInput,
    RelayUsageListOutput,
    RelayUsageOutput,
    RelayUserOutput,
    ReportAgainstMeListOutput,
    ReportAgainstMeOutput,
    ReportCreateInput,
    ReportListOutput,
    ReportOutput,
    StatsOutput,
    UserChangeInput,
)
from projectvoice.kernel.catalog import ANSWERS, CHAPTERS, DOORS, SHAPES
from servers.errors import MissingPermission, NotAMember, ServerBlocked, ServerNotFound
from servers.examples import ENTRY

ADMIN = {"id": 2, "username": "admin"}
MEMBER = {"id": 1, "username": "testuser"}
UNBLOCKED = {"blockedAt": None, "blockedBy": None, "blockReason": None, "blockedByUser": None}
BLOCKED = {"blockedAt": CREATED, "blockedBy": 2, "blockReason": "Спам", "blockedByUser": ADMIN}
PAGE = {"total": 1, "page": 1, "limit": 20, "totalPages": 1}
USER = (
    MEMBER
    | {"email": "test@example.com", "role": "user", "isActive": True, "profilePicture": PICTURE, "status": "online"}
    | {"tag": "#1234", "isBot": False, "serverCount": 1}
    | UNBLOCKED
    | TIMES
)
SERVER = (
    {"id": 1, "name": "My Server", "description": "Server description", "icon": "https://example.com/icon.png"}
    | {"ownerId": 1, "owner": MEMBER, "memberCount": 1, "channelCount": 2, "isBlocked": False}
    | UNBLOCKED
    | TIMES
)
BLOCKED_USER = USER | BLOCKED | {"isActive": False}
BLOCKED_SERVER = SERVER | BLOCKED | {"isBlocked": True}
APPOINTED = USER | {"role": "moderator"}
DECIDED = {
    "id": 1,
    "targetType": "message",
    "targetId": 1,
    "category": "spam",
    "status": "actioned",
    "decision": "delete_message",
    "decisionReason": "Реклама",
    "decidedAt": "2024-01-02T09:30:00.000Z",
}
OPEN = DECIDED | {"status": "open", "decision": None, "decisionReason": None, "decidedAt": None}
REPORT = OPEN | {"reason": "Реклама в каждом канале", "createdAt": CREATED}
KEPT = {
    "id": 1,
    "content": "Hello, world!",
    "channelId": 1,
    "channelName": "general",
    "serverId": 1,
    "serverName": "My Server",
    "createdAt": CREATED,
    "editedAt": None,
}
REVISIONS = [{"content": "Hello!", "editedBy": 1, "createdAt": CREATED}]
CONTEXT = [{"id": 0, "content": "Anybody here?", "author": ADMIN, "createdAt": CREATED}]
APPEAL = {"appeal": "Это не реклама", "appealedAt": "2024-01-03T09:30:00.000Z"}
AGAINST_ME = DECIDED | APPEAL | {"status": "appealed", "message": KEPT}
STAFF_REPORT = REPORT | {"reporter": ADMIN, "accused": MEMBER, "decidedBy": None, "appeal": None, "appealedAt": None}
EVIDENCE = {"message": KEPT | {"author": MEMBER, "revisions": REVISIONS, "context": CONTEXT}, "user": None}
CARRIED = {"packetsUp": 15000, "bytesUp": 2400000, "packetsDown": 14980, "bytesDown": 2396800}
LOGGED = ENTRY | {
    "actorId": 2,
    "actorName": "admin",
    "action": "user.block",
    "targetType": "user",
    "targetName": "testuser",
    "before": {"is_active": True},
    "after": {"is_active": False},
    "reason": "Спам",
    "address": "203.0.113.7",
}

SHAPES |= {
    ReasonInput: {"reason": "Спам"},
    UserChangeInput: {"role": "moderator", "isActive": True},
    ReportCreateInput: {"targetType": "message", "targetId": 1, "category": "spam", "reason": "Реклама в каждом канале"},
    AppealInput: {"text": "Это не реклама"},
    DecisionInput: {"decision": "delete_message", "reason": "Реклама"},
    AdminUserOutput: USER,
    AdminUserListOutput: {"users": [USER]} | PAGE,
    AdminUserChangedOutput: BLOCKED_USER | {"message": "Пользователь заблокирован", "user": BLOCKED_USER},
    AdminServerOutput: SERVER,
    AdminServerListOutput: {"servers": [SERVER]} | PAGE,
    AdminServerChangedOutput: BLOCKED_SERVER | {"message": "Сервер заблокирован", "server": BLOCKED_SERVER},
    LogsOutput: {
        "system": f"{CREATED} admin user.block user 1 testuser: Спам",
        "errors": "",
        "access": "",
        "logs": [LOGGED],
        "checkpoint": {
            "sequence": 12,
            "hash": ENTRY["hash"],
            "at": CREATED,
            "keyId": "4e07408562bedb8b",
            "signature": "MEQCIB1aZ3Jl",
        },
    }
    | PAGE,
    StatsOutput: {
        "users": {"total": 100, "active": 95, "blocked": 5, "byRole": {"admin": 2, "moderator": 5, "user": 93}},
        "servers": {"total": 50, "active": 48, "blocked": 2, "withChannels": 45},
        "channels": {"total": 200, "text": 150, "voice": 50},
        "messages": {"total": 10000, "today": 500},
    },
    RelayUsageOutput: CARRIED,
    RelayUserOutput: MEMBER | CARRIED,
    RelayUsageListOutput: {"days": 30, "since": "2024-01-01", "totals": CARRIED, "users": [MEMBER | CARRIED]} | PAGE,
    ReportOutput: REPORT,
    ReportListOutput: {"reports": [REPORT]} | PAGE,
    ReportAgainstMeOutput: AGAINST_ME,
    ReportAgainstMeListOutput: {"reports": [AGAINST_ME]} | PAGE,
    AdminReportOutput: STAFF_REPORT,
    AdminReportListOutput: {"reports": [STAFF_REPORT]} | PAGE,
    AdminReportDetailOutput: STAFF_REPORT | {"evidence": EVIDENCE},
}
ANSWERS |= {
    "admin_user_update": APPOINTED | {"message": "Пользователь обновлён", "user": APPOINTED},
    "admin_user_unblock": USER | {"message": "Пользователь разблокирован", "user": USER},
    "admin_user_delete": {"message": "Пользователь удалён"},
    "admin_server_unblock": SERVER | {"message": "Сервер разблокирован", "server": SERVER},
    "admin_server_delete": {"message": "Сервер удалён"},
}
DOORS |= {
    "admin": (StaffOnly,),
    "admin server_id": (ServerNotFound,),
    "report_id": (ReportNotFound, OwnCase),
    "target_id": (MessageNotFound, NotAMember, ServerBlocked, MissingPermission),
}
CHAPTERS |= {f"moderation.api.{module}": "admin" for module in ("instance", "queue", "relay", "servers", "users")}
