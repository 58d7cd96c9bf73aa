"""Rows of the audit logs. Entries and checkpoints are only ever added: triggers (migrations) refuse UPDATE and DELETE."""

from django.db import models

from accounts.models import User

HASH_LENGTH = 64
GENESIS = "0" * HASH_LENGTH
CHECKPOINT_EVERY = 100  # entries of a log
KEY_ID_LENGTH = 16
SIGNATURE_LENGTH = 128


class AuditLog(models.Model):
    """The head of one log; who appends holds this row. Tells a cut tail from a log that simply ends there."""

    name = models.CharField(primary_key=True, max_length=50)
    length = models.BigIntegerField(default=0)
    last_hash = models.CharField(max_length=HASH_LENGTH, default=GENESIS)

    def __str__(self) -> str:
        return self.name


class AuditEntry(models.Model):
    """`actor` is for joins and empties with the account; the hash rests on `actor_number` and `actor_name`, which stay."""

    log = models.CharField(max_length=50)
    sequence = models.BigIntegerField()
    at = models.DateTimeField()
    actor = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_number = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=100)
    action = models.CharField(max_length=50)
    target_type = models.CharField(max_length=50)
    target_id = models.BigIntegerField()
    target_name = models.CharField(max_length=200)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.CharField(max_length=500, null=True)  # noqa: DJ001 - null: none was given
    address = models.CharField(max_length=45, null=True)  # noqa: DJ001 - null: an act from the shell
    previous_hash = models.CharField(max_length=HASH_LENGTH)
    hash = models.CharField(max_length=HASH_LENGTH)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["log", "sequence"], name="audit_sequence_once")]

    def __str__(self) -> str:
        return f"{self.log} {self.sequence}: {self.actor_name} {self.action} {self.target_type} {self.target_id}"


class AuditCheckpoint(models.Model):
    """The instance's signature under a log as it stood: entry `sequence` had this hash, and with it all before it.

    There is one for every CHECKPOINT_EVERY-th entry, and one for wherever `manage.py audit_checkpoint` found the end.
    """

    log = models.CharField(max_length=50)
    sequence = models.BigIntegerField()
    hash = models.CharField(max_length=HASH_LENGTH)
    at = models.DateTimeField()
    key_id = models.CharField(max_length=KEY_ID_LENGTH)
    signature = models.CharField(max_length=SIGNATURE_LENGTH)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["log", "sequence", "key_id"], name="audit_checkpoint_once")]

    def __str__(self) -> str:
        return f"{self.log} {self.sequence} signed by {self.key_id}"
