"""`/api/users/**`: profiles."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.request import SignedInRequest
from accounts.selectors import user_by_id
from accounts.serializers import ProfileInput, ProfileOutput
from accounts.services import user_delete, user_update
from projectvoice.kernel.api import Api
from projectvoice.kernel.serializers import NoticeOutput


class OwnProfileApi(Api):
    @extend_schema(summary="The caller's profile", operation_id="profile_own", responses={200: ProfileOutput})
    def get(self, request: SignedInRequest) -> Response:
        return Response(ProfileOutput(request.user).data)

    @extend_schema(summary="Change one's profile", request=ProfileInput, responses={200: ProfileOutput})
    def put(self, request: SignedInRequest) -> Response:
        changes = self.parse(ProfileInput)
        name = changes.pop("name", None)
        if name is not None:
            changes.setdefault("username", name)
        return Response(ProfileOutput(user_update(user=request.user, **changes)).data)

    @extend_schema(summary="Delete one's account", responses={200: NoticeOutput})
    def delete(self, request: SignedInRequest) -> Response:
        user_delete(user=request.user)
        return Response({"message": "User deleted successfully"})


class ProfileApi(Api):
    @extend_schema(summary="Somebody's profile", responses={200: ProfileOutput})
    def get(self, request: SignedInRequest, user_id: int) -> Response:
        return Response(ProfileOutput(user_by_id(user_id)).data)
