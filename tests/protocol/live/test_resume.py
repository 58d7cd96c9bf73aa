"""Who was away hears what he missed, once and in order, wherever he comes back."""

from collections.abc import Iterator

import pytest

from tests.conftest import Instance
from tests.protocol.conftest import Connect
from tests.protocol.live.conftest import Stage, contents, log_of, sequences, subscribed, subscriber


@pytest.fixture
def workers(instance: Instance) -> Iterator[Instance]:
    """Two for this test alone."""
    own = Instance(instance.env, workers=2)
    own.start()
    yield own
    own.stop()


async def test_what_was_missed_is_told_between_subscribed_and_resumed(connect: Connect, stage: Stage):
    ann = await connect(stage.ann)
    since = (await subscribed(ann))["seq"]
    await ann.leave()
    for number in range(450):  # several pages
        stage.write(str(number), by=(stage.owner, stage.bob)[number % 2])
    ann = await connect(stage.ann)
    snapshot = await subscribed(ann, since)
    resumed = await ann.until("resumed")
    assert snapshot["replaying"]
    assert contents(ann) == [str(number) for number in range(450)]
    assert resumed["seq"] >= sequences(ann)[-1]
    names = [name for name, _ in ann.heard]
    assert names.index("subscribed") < names.index("message-created") < names.index("resumed")
    stage.write("live")
    await ann.until("message-created", 451)
    assert sequences(ann) == sorted(set(sequences(ann)))


async def test_who_missed_nothing_is_told_so(connect: Connect, stage: Stage):
    ann = await connect(stage.ann)
    since = (await subscribed(ann))["seq"]
    await subscribed(ann, since)
    assert (await ann.until("resumed"))["seq"] >= since


async def test_a_number_of_another_log_is_answered_by_resync(connect: Connect, stage: Stage):
    ann = await connect(stage.ann)
    head = (await subscribed(ann))["seq"]
    snapshot = await subscribed(ann, head + 10**9)
    resync = await ann.until("resync")
    assert not snapshot["replaying"]
    assert head <= resync["seq"] < head + 10**9
    stage.write("go on")
    await ann.until("message-created")
    assert ann.all("resumed") == []


async def test_over_the_death_of_a_worker_nothing_is_lost(connect: Connect, stage: Stage, workers: Instance):
    """The one that writes is killed right after it has answered; whoever is left tells it."""
    ann = await connect(stage.ann, instance=workers, worker=0)
    since = (await subscribed(ann))["seq"]
    await ann.leave()
    written = []
    for round in range(3):
        with workers.only(1):
            for number in range(10):
                stage.write(f"{round} {number}", at=workers)
                written.append(f"{round} {number}")
            workers.kill(1)
        ann = await subscriber(connect, stage.ann, since, instance=workers, worker=0)
        await ann.until("resumed")
        await ann.until("message-created", 10)
        assert contents(ann) == written[-10:]
        assert sequences(ann) == sorted(set(sequences(ann)))
        since = sequences(ann)[-1]
        await ann.leave()
        workers.revive(1)


async def test_what_is_no_longer_kept_is_answered_by_resync(connect: Connect, stage: Stage, instance: Instance):
    ann = await connect(stage.ann)
    since = (await subscribed(ann))["seq"]
    await ann.leave()
    stage.write("old")
    stage.write("older")
    bob = await subscriber(connect, stage.bob, since)
    await bob.until("message-created", 2)
    log_of(instance, "UPDATE events_event SET at = now() - interval '8 days' WHERE id <= %s", sequences(bob)[-1])
    assert "events" in instance.manage("prune_events")
    ann = await connect(stage.ann)
    snapshot = await subscribed(ann, since)
    resync = await ann.until("resync")
    assert (snapshot["replaying"], resync["seq"]) == (False, snapshot["seq"])
    snapshot = await subscribed(ann, sequences(bob)[-1])
    assert (await ann.until("resumed"))["seq"] >= snapshot["seq"]
    assert contents(ann) == []


async def test_deleted_words_are_not_told_again(connect: Connect, stage: Stage, instance: Instance):
    ann = await connect(stage.ann)
    since = (await subscribed(ann))["seq"]
    await ann.leave()
    message = stage.write("I regret this")
    assert instance.api("DELETE", f"/messages/{message}", stage.owner["token"]).ok
    ann = await subscriber(connect, stage.ann, since)
    assert (await ann.until("message-deleted"))["messageId"] == message
    assert contents(ann) == []


async def test_after_a_restart_of_the_whole_instance(connect: Connect, stage: Stage, instance: Instance):
    own = Instance(instance.env)
    own.start()
    ann = await connect(stage.ann, instance=own)
    since = (await subscribed(ann))["seq"]
    own.stop()
    await ann.until("disconnect")
    stage.write("meanwhile")
    own = Instance(instance.env)
    own.start()
    ann = await subscriber(connect, stage.ann, since, instance=own)
    await ann.until("resumed")
    assert contents(ann) == ["meanwhile"]
    await ann.leave()
    own.stop()
