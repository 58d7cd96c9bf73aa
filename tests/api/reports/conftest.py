"""A message in somebody's channel, whoever wrote it, somebody who minds it, and the instance's staff."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from messaging.models import Message
from messaging.services import message_create
from servers.models import Channel
from tests.factories import make_channel, make_member, make_server, make_user

REPORTS, QUEUE = "/api/reports", "/api/admin/reports"
NUISANCE = "buy my pills"


@dataclass
class Scene:
    api_as: Callable[..., APIClient]

    def __post_init__(self) -> None:
        self.server = make_server(name="Club")
        self.channel: Channel = make_channel(self.server, "text", "general")
        self.author, self.reporter = make_user(username="mallory"), make_user(username="reporter-zoe")
        for user in (self.author, self.reporter):
            make_member(self.server, user=user)
        self.moderator, self.admin = make_user(role="moderator"), make_user(username="chief", role="admin")
        self.message = self.says(NUISANCE)

    def says(self, content: str, user: User | None = None) -> Message:
        return message_create(channel=self.channel, user=user or self.author, content=content)[0]

    def report(self, by: User | None = None, **fields: object) -> dict:
        """Of the message, or of what the fields name."""
        body = {"targetType": "message", "targetId": self.message.pk, "category": "spam", "reason": "unasked for", **fields}
        answer = self.api_as(by or self.reporter).post(REPORTS, body)
        assert answer.status_code == 201, answer.json()
        return answer.json()

    def decide(self, report: dict, decision: str, by: User | None = None, reason: str = "house rules"):
        body = {"decision": decision, "reason": reason}
        return self.api_as(by or self.moderator).post(f"{QUEUE}/{report['id']}/decide", body)

    def decided(self, decision: str = "warn", by: User | None = None) -> dict:
        report = self.report()
        assert self.decide(report, decision, by).status_code == 200
        return report

    def evidence(self, report: dict) -> dict:
        return self.api_as(self.moderator).get(f"{QUEUE}/{report['id']}").json()["evidence"]


@pytest.fixture
def scene(api_as: Callable[..., APIClient]) -> Scene:
    return Scene(api_as)
