"""What the relay carried."""

from django.db import models

from accounts.models import User


class RelayUsage(models.Model):
    """Application data that the relay carried for one user on one day (UTC); up is from him to his peers."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)  # relay_usage_once is its index
    day = models.DateField()
    packets_up = models.BigIntegerField()
    bytes_up = models.BigIntegerField()
    packets_down = models.BigIntegerField()
    bytes_down = models.BigIntegerField()
    batch = models.UUIDField()  # the last one that was added: the same again counts once

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="relay_usage_once")]
        indexes = [models.Index(fields=["day"], name="relay_usage_day")]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.day}"
