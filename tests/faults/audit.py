"""What must be true after any fault, asked of the database itself."""

from collections import Counter

from tests.faults.load import Subscriber, Writer
from tests.faults.rig import Rig


def every_answered_message_is_there_once(rig: Rig, *writers: Writer) -> None:
    """And under the id that was told."""
    for writer in writers:
        rows = rig.sql(
            "SELECT nonce, id FROM messaging_message WHERE channel_id = %s AND user_id = %s", writer.channel, writer.user_id
        )
        twice = [nonce for nonce, count in Counter(nonce for nonce, _ in rows).items() if count > 1]
        assert not twice
        stored = dict(rows)
        assert {nonce: stored.get(nonce) for nonce in writer.written} == writer.written


def the_log_was_heard_without_a_gap(rig: Rig, subscriber: Subscriber, concerned: str, *values: object) -> None:
    """`concerned`: which of the log's rows this user may hear of, in SQL."""
    query = f"SELECT id, kind FROM events_event WHERE id > %s AND id <= %s AND kind NOT IN ('access', 'gone') AND ({concerned}) ORDER BY id"
    last = subscriber.heard[-1][0] if subscriber.heard else 0
    assert subscriber.heard == rig.sql(query, subscriber.first, last, *values)


def the_chain_verifies(rig: Rig) -> None:
    rig.manage("verify_audit")
