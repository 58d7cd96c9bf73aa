"""What broke the rules before they were written, and why that is left. Nothing is added here: a new migration obeys."""

from tests.migrations.rules import Finding

SMALL = "nobody ran an earlier release: the tables were empty wherever this was applied"
OWN = "its one row is of a table that the same migration makes"

EXCUSED = {
    Finding("accounts/migrations/0003_bots.py", "AddConstraint user.user_bot_owned", "constraint"): SMALL,
    Finding("accounts/migrations/0003_bots.py", "AddConstraint user.user_kind_known", "constraint"): SMALL,
    Finding("accounts/migrations/0003_bots.py", "AddField session.digest", "index"): SMALL,
    Finding("accounts/migrations/0003_bots.py", "AddField user.owner", "index"): SMALL,
    Finding("audit/migrations/0002_checkpoints.py", "RunPython sign_what_is_there", "data"): SMALL,
    Finding("audit/migrations/0002_checkpoints.py", "import audit.models", "imports"): "a constant that cannot change",
    Finding("audit/migrations/0002_checkpoints.py", "import audit.signing", "imports"): "signatures must be today's: one way to sign",
    Finding("events/migrations/0001_log.py", "RunPython one_log", "data"): OWN,
    Finding("messaging/migrations/0002_reactions_pins_read_state.py", "AddIndex message.message_pins", "index"): SMALL,
    Finding("messaging/migrations/0006_mentions.py", "AddIndex message.message_for_everyone", "index"): SMALL,
    Finding("servers/migrations/0002_overwrites.py", "AddField channel.category", "index"): SMALL,
    Finding("servers/migrations/0002_overwrites.py", "AddField channel.slowmode", "not-null"): SMALL,
    Finding("servers/migrations/0003_members_in_order.py", "AddIndex member.member_in_order", "index"): SMALL,
    Finding("servers/migrations/0004_user_limit.py", "AddField channel.user_limit", "not-null"): SMALL,
}
