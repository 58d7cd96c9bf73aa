"""Reads of figures."""

from datetime import date

from figures.models import Figure


def figures_since(name: str, day: date) -> dict[date, int]:
    """By day, from this one on; days without any are left out."""
    return dict(Figure.objects.filter(name=name, day__gte=day).values_list("day", "total"))
