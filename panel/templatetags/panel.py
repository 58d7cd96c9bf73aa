"""`{% said "Rooms" "Комнаты" %}`: both languages where they are read."""

from django import template
from django.utils.translation import get_language

from projectvoice.kernel.errors import Text

register = template.Library()


@register.filter
def moment(iso: str) -> str:
    """Of a text as the evidence holds it."""
    return iso[:16].replace("T", " ")


@register.simple_tag
def said(en: str, ru: str) -> str:
    return Text(en, ru).to(get_language())
