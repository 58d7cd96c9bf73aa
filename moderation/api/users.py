"""`/api/admin/users/**`."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from accounts.models import GlobalRole
from accounts.request import SignedInRequest
from moderation.access import access_admin
from moderation.api.paging import LIMIT, PAGING, SEARCH, choice_of, search_of
from moderation.selectors import ACTIVE, BLOCKED, user_row, user_search
from moderation.serializers import (
    AdminUserChangedOutput,
    AdminUserListOutput,
    AdminUserOutput,
    ReasonInput,
    UserChangeInput,
)
from moderation.services.acts import admin_user_block, admin_user_delete, admin_user_unblock, admin_user_update
from projectvoice.kernel.api import Api
from projectvoice.kernel.errors import Text
from projectvoice.kernel.pagination import envelope, page_of
from projectvoice.kernel.serializers import NoticeOutput

ROLE = OpenApiParameter("role", str, enum=GlobalRole.values)
STATUS = OpenApiParameter("status", str, enum=[ACTIVE, BLOCKED])
UPDATED = Text("User updated", "Пользователь обновлён")
BLOCKED_NOW = Text("User blocked", "Пользователь заблокирован")
UNBLOCKED = Text("User unblocked", "Пользователь разблокирован")
DELETED = Text("User deleted", "Пользователь удалён")


def changed(request: SignedInRequest, user_id: int, message: Text) -> Response:
    user: Any = user_row(user_id)
    user.message = message.to(request.LANGUAGE_CODE)
    return Response(AdminUserChangedOutput(user).data)


class AdminUserListApi(Api):
    @extend_schema(
        summary="Look users up",
        operation_id="admin_user_list",
        parameters=[*PAGING, SEARCH, ROLE, STATUS],
        responses={200: AdminUserListOutput},
    )
    def get(self, request: SignedInRequest) -> Response:
        access_admin(request.user, GlobalRole.MODERATOR)
        query = request.query_params
        page, search = page_of(query, limit=LIMIT), search_of(query)
        role, status = choice_of(query, "role", GlobalRole.values), choice_of(query, "status", (ACTIVE, BLOCKED))
        users = user_search(search=search, role=role, status=status)
        return Response(AdminUserListOutput(envelope("users", users[page.rows], users.count(), page)).data)


class AdminUserApi(Api):
    @extend_schema(summary="One user", operation_id="admin_user", responses={200: AdminUserOutput})
    def get(self, request: SignedInRequest, user_id: int) -> Response:
        access_admin(request.user, GlobalRole.MODERATOR)
        return Response(AdminUserOutput(user_row(user_id)).data)

    @extend_schema(
        summary="Change a user's global role, or block him",
        operation_id="admin_user_update",
        request=UserChangeInput,
        responses={200: AdminUserChangedOutput},
    )
    def put(self, request: SignedInRequest, user_id: int) -> Response:
        access_admin(request.user)
        user = user_row(user_id)
        admin_user_update(by=request.user, user=user, **self.parse(UserChangeInput))
        return changed(request, user_id, UPDATED)

    @extend_schema(summary="Delete a user", operation_id="admin_user_delete", responses={200: NoticeOutput})
    def delete(self, request: SignedInRequest, user_id: int) -> Response:
        access_admin(request.user)
        admin_user_delete(by=request.user, user=user_row(user_id))
        return Response({"message": DELETED.to(request.LANGUAGE_CODE)})


class AdminUserBlockApi(Api):
    @extend_schema(
        summary="Block a user", operation_id="admin_user_block", request=ReasonInput, responses={200: AdminUserChangedOutput}
    )
    def post(self, request: SignedInRequest, user_id: int) -> Response:
        access_admin(request.user)
        user = user_row(user_id)
        admin_user_block(by=request.user, user=user, **self.parse(ReasonInput))
        return changed(request, user_id, BLOCKED_NOW)


class AdminUserUnblockApi(Api):
    @extend_schema(
        summary="Unblock a user", operation_id="admin_user_unblock", request=None, responses={200: AdminUserChangedOutput}
    )
    def post(self, request: SignedInRequest, user_id: int) -> Response:
        access_admin(request.user)
        admin_user_unblock(by=request.user, user=user_row(user_id))
        return changed(request, user_id, UNBLOCKED)
