"""The way in: the same checks as the API's, the second factor among them; then a session that the cookie names."""

from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_protect
from unfold.widgets import BASE_INPUT_CLASSES

from accounts.entry import must_be_settled
from accounts.errors import SecondFactorNeeded, SignInLapsed
from accounts.models import GlobalRole, User
from accounts.serializers import PASSWORD_BYTES
from accounts.services import user_sign_in_by_login, user_sign_in_by_ticket
from moderation.access import access_admin
from panel.access import cookie_give
from panel.services import panel_enter
from panel.words import said
from projectvoice.kernel.address import address_of
from projectvoice.kernel.errors import DomainError

INPUT = {"class": " ".join(BASE_INPUT_CLASSES)}


class PasswordForm(forms.Form):
    login = forms.CharField(
        label=said("E-mail or name", "E-mail или имя"),
        max_length=254,
        widget=forms.TextInput(attrs={**INPUT, "autocomplete": "username", "autofocus": ""}),
    )
    password = forms.CharField(
        label=said("Password", "Пароль"),
        strip=False,
        max_length=PASSWORD_BYTES,
        widget=forms.PasswordInput(attrs={**INPUT, "autocomplete": "current-password"}),
    )

    def user(self, request: HttpRequest) -> User:
        return user_sign_in_by_login(**self.cleaned_data, address=address_of(request))


class CodeForm(forms.Form):
    ticket = forms.CharField(max_length=1000, widget=forms.HiddenInput())
    code = forms.CharField(
        label=said(
            "Code of your authenticator app, or a recovery code", "Код из приложения-аутентификатора или код восстановления"
        ),
        max_length=100,
        widget=forms.TextInput(attrs={**INPUT, "autocomplete": "one-time-code", "autofocus": ""}),
    )

    def user(self, request: HttpRequest) -> User:
        return user_sign_in_by_ticket(**self.cleaned_data)


@csrf_protect
def sign_in(request: HttpRequest, site: AdminSite) -> HttpResponse:
    after, status = _after(request), 200
    form: PasswordForm | CodeForm = PasswordForm()
    if site.has_permission(request):
        return HttpResponseRedirect(after)
    if request.method == "POST":
        form, status = CodeForm(request.POST) if "ticket" in request.POST else PasswordForm(request.POST), 400
        try:
            if form.is_valid():
                return _let_in(request, form.user(request), after)
        except SecondFactorNeeded as needed:
            form, status = CodeForm(initial=needed.extra["twoFactor"]), 200  # type: ignore[arg-type]  # a dictionary, as it says
        except DomainError as error:
            if isinstance(error, SignInLapsed):
                form = PasswordForm({})
                form.errors.clear()
            form.add_error(None, error.text.to(get_language()))
            status = error.status
    context: dict[str, Any] = {**site.each_context(request), "form": form, "next": after, "title": said("Sign in", "Вход")}
    return TemplateResponse(request, "panel/sign_in.html", context, status=status)


def _let_in(request: HttpRequest, user: User, after: str) -> HttpResponse:
    access_admin(user, GlobalRole.MODERATOR)
    must_be_settled(user)
    session = panel_enter(user=user, user_agent=request.headers.get("User-Agent", ""), address=address_of(request))
    response = HttpResponseRedirect(after)
    cookie_give(request, response, session)
    return response


def _after(request: HttpRequest) -> str:
    """Where he wanted to go, if that is here."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    here = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wanted if here else reverse("admin:index")
