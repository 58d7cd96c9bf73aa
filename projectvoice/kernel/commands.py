"""The base of what operators run by `manage.py`."""

from django.core.checks import Tags
from django.core.management.base import BaseCommand


class OperatorCommand(BaseCommand):
    """Of Django's checks only those that somebody's settings can fail, such as an origin that is none. The others read every URL,
    view and model for mistakes in the code: `./test` has looked for these, and it is a third of what a start costs.
    """

    requires_system_checks = (Tags.security,)
