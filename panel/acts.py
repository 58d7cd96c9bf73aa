"""What one may do to a row: a form of its own, sent by POST, that ends in a service."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import get_language
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from accounts.models import GlobalRole, User
from moderation.models import REASON_LENGTH
from panel.request import PanelRequest
from panel.words import said
from projectvoice.kernel.errors import DomainError


class ActForm(forms.Form):
    """Knows whom it is about and who fills it in. As it is, it asks for no more than to be confirmed."""

    def __init__(self, data: Any, *, row: Any, user: User) -> None:
        super().__init__(data)
        self.suit(row, user)

    def suit(self, row: Any, user: User) -> None:
        """Where the fields depend on them."""


class Reason(ActForm):
    reason = forms.CharField(
        label=said("Reason", "Причина"),
        min_length=3,
        max_length=REASON_LENGTH,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=said("It is kept in the audit log.", "Она останется в журнале аудита."),
    )


def choice(label: Any, choices: dict[str, Any]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=list(choices.items()), widget=UnfoldAdminSelectWidget())


def _always(row: Any, user: User) -> bool:
    return True


class Act(NamedTuple):
    """`run` gets by, row and the form's fields. `offered` only says whether there is a button: the service decides."""

    name: str
    title: Any
    text: Any
    done: Any
    run: Callable[..., None]
    form: type[ActForm] = ActForm
    icon: str = "check"
    variant: str = "default"
    need: GlobalRole = GlobalRole.ADMIN
    offered: Callable[[Any, User], bool] = _always
    ends: bool = False  # the row is gone afterwards


def perform(request: PanelRequest, act: Act, row: Any, context: dict[str, Any], back: str) -> HttpResponse:
    """The form, or what became of it. A refusal of the service is told in the form, with its status."""
    form = act.form(request.POST if request.method == "POST" else None, row=row, user=request.user)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                act.run(by=request.user, row=row, **form.cleaned_data)
            except DomainError as error:
                form.add_error(None, error.text.to(get_language()))
                status = error.status
            else:
                messages.success(request, str(act.done))
                return HttpResponseRedirect(back)
    variant = "primary" if act.variant == "default" else act.variant
    return TemplateResponse(
        request,
        "panel/act.html",
        {**context, "variant": variant, "act": act, "form": form, "back": back, "title": act.title},
        status=status,
    )
