from voice.core.agenda import Agenda


def test_deeds_are_done_in_the_order_of_their_time_and_those_of_one_time_as_they_were_planned():
    agenda, done = Agenda(), []
    for due, name in [(2.0, "c"), (1.0, "a"), (1.0, "b"), (3.0, "d")]:
        agenda.at(due, lambda now, name=name: done.append((now, name)) or [])
    assert agenda.next_due == 1.0
    assert agenda.run(2.5) == []
    assert done == [(2.5, "a"), (2.5, "b"), (2.5, "c")]
    assert agenda.next_due == 3.0


def test_an_empty_agenda_has_nothing_due():
    assert Agenda().next_due is None
    assert Agenda().run(1e9) == []
