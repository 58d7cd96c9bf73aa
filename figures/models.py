"""Daily figures."""

from django.db import models


class Figure(models.Model):
    """How much of something there was on one day (UTC), on all processes. A few rows a day, so all are kept."""

    name = models.CharField(max_length=20)
    day = models.DateField()
    total = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "day"], name="figure_once")]

    def __str__(self) -> str:
        return f"{self.total} {self.name} on {self.day}"
