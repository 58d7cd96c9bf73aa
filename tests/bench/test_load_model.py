"""What bench/load computes from figures: costs, people per core, plots; and that the pages tell what is kept."""

import json
import math
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pytest

from bench.load import model, simulate
from bench.load.model import Habits, Units
from bench.load.page import PICTURES, measured, pages, pictures, told
from bench.load.plots import lines

SECONDS, PEOPLE = 10.0, 100
IDLE, CONNECT, MIC, MOVE, REQUEST, SIGNAL, LINE, DATABASE = 0.001, 0.02, 0.003, 0.01, 0.006, 0.00002, 0.000004, 0.002


def stretch(web: float, **more: object) -> dict:
    """The web processes took this beyond being there."""
    cpu = {"web 1": IDLE * PEOPLE * SECONDS + web, "postgres": 0.5, "relay": 3.0}
    return {"seconds": SECONDS, "cpu": cpu, "counts": {"joins": 0, "mics": 0, "signals": 0}, "rest": {"requests": 0}, **more}


def step(rate: float, *, carries: bool = True) -> dict:
    taken = {"web 1": (0.3 + rate * SIGNAL) * SECONDS, "valkey": (0.1 + rate / 2 * LINE) * SECONDS}
    taken["web 1"] -= rate / 2 * LINE * SECONDS
    return {"seconds": SECONDS, "cpu": taken, "counts": {"signals": rate * SECONDS}, "carries": carries}


@pytest.fixture
def found() -> dict:
    rest = stretch(50 * REQUEST, rest={"requests": 50})
    rest["cpu"]["postgres"] += 50 * DATABASE
    ramp = stretch(
        PEOPLE * CONNECT - IDLE * PEOPLE * SECONDS / 2 + 20 * MOVE / 2, counts={"joins": 20, "mics": 0, "signals": 0}
    )
    return {
        "plan": {"idle": 80, "rooms": 5, "room_size": 4, "rest": 5, "mics": 2, "moves": 1, "first_rate": 100},
        "held": {"rate": 200.0},
        "stretches": {
            "idle": stretch(0),
            "ramp": ramp,
            "mics": stretch(40 * MIC, counts={"mics": 40, "joins": 0, "signals": 0}),
            "moves": stretch(30 * MOVE, counts={"joins": 30, "mics": 0, "signals": 0}),
            "rest": rest,
        },
        "steps": [step(100), step(200), step(400), step(9000, carries=False) | {"cpu": {"web 1": 1}}],
        "before": {"pss": {"web 1": 100_000_000, "web 2": 90_000_000, "postgres": 5}},
        "after": {"pss": {"web 1": 102_000_000, "web 2": 90_000_000, "postgres": 9_000_000}},
        "sizes": {"events": 900, "messages": 500},
    }


def test_each_unit_is_what_it_was_made_of(found):
    unit = model.units(found)
    made = {"idle": IDLE, "connect": CONNECT, "mic": MIC, "move": MOVE, "request": REQUEST, "signal": SIGNAL, "line": LINE}
    assert {name: getattr(unit, name) for name in made} == pytest.approx(made)
    assert unit.request_database == pytest.approx(DATABASE)
    assert (unit.person, unit.process) == (20_000, 95_000_000)


def test_habits_are_those_of_the_load(found):
    habit = model.habits_of(found)
    assert (habit.in_calls, habit.requests, habit.signals, habit.mics, habit.moves) == (0.2, 0.05, 10, 0.1, 0.05)


UNIT = Units(1e-5, 0.004, 0.001, 2e-5, 4e-6, 0.001, 0.004, 0.006, 0.003, 20_000, 9e7, 900, 500, 4, 44)
HABIT = Habits(in_calls=0.1, requests=0.002, signals=5, mics=0.02, moves=0.005)


def test_people_per_core_by_hand():
    cpu = 1e-5 + 0.005 / 3600 + 0.002 * 0.009 + 0.1 * (5 * 2e-5 + 0.02 * 0.001 + 0.005 * 0.004)
    assert sum(model.cpu_of_person(UNIT, HABIT).values()) == pytest.approx(cpu)
    assert model.people_per_core(UNIT, HABIT) == pytest.approx(0.5 / cpu)
    assert model.people_per_gib(UNIT) == pytest.approx(2**30 / 20_000)


def test_relays_by_hand():
    packets = 3 * 0.2 * 50
    assert model.callers_per_relay_core(HABIT, 4) == pytest.approx(0.5 / (packets * 10e-6))
    assert model.relay_bits(HABIT, 4) == pytest.approx(2 * packets * 160 * 8)


def test_a_line_through_points():
    assert model.slope([(1, 5), (2, 7), (3, 9)]) == pytest.approx(2)
    assert model.slope([(1, 5)]) == 0


def test_all_come_back_and_sooner_the_more_others_there_are():
    found = [simulate.storm(500, others, 20) for others in (1, 4, 16)]
    assert [storm.all for storm in found] == sorted((storm.all for storm in found), reverse=True)
    assert found[0].all >= 500 / 20
    assert all(storm.attempts >= 500 and storm.half <= storm.nearly_all <= storm.all for storm in found)


def test_nobody_comes_back_before_he_tries():
    assert simulate.storm(100, 1000, 1e6).half >= simulate.FIRST_DELAY * (1 - simulate.SPREAD)


@pytest.mark.parametrize(("rooms", "processes"), [(1000, 7), (10, 100), (7, 7)])
def test_a_bound_holds_and_no_room_is_lost(rooms, processes):
    loads = simulate.placed(rooms, processes, 0.1)
    assert sum(loads) == sum(simulate.placed(rooms, processes, math.inf)) == rooms
    assert max(loads) <= math.ceil(1.1 * rooms / processes)


def test_people_by_home_reach_fewer_processes():
    world = simulate.World(people=20_000, shrunk=1)
    one, many = simulate.reach(world, 1), simulate.reach(world, 50)
    assert (one.anywhere, one.by_home) == (1, 1)
    assert 0 < many.by_home < many.anywhere < 1


def test_simulations_say_the_same_every_time():
    world = simulate.World(people=50_000)
    assert simulate.told(UNIT, HABIT, world) == simulate.told(UNIT, HABIT, world)


@pytest.mark.parametrize("logarithmic", [False, True])
def test_plots_are_svg_with_all_points(logarithmic):
    series = {"one": [(0.0, 1.0), (5.0, 20.0)], "two & three": [(0.0, 3.0), (5.0, 0.5)]}
    root = ElementTree.fromstring(lines("A <title>", "seconds", series, logarithmic=logarithmic))
    drawn = [line.get("points", "").split() for line in root.iter("{http://www.w3.org/2000/svg}polyline")]
    assert [len(points) for points in drawn] == [2, 2]
    texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"A <title>", "seconds", "one", "two & three"} <= set(texts)
    heights = [float(point.split(",")[1]) for point in drawn[0]]
    assert heights[0] > heights[1], "more is further up"


def test_a_plot_of_nothing_is_one():
    assert ElementTree.fromstring(lines("Nothing", "seconds", {})).tag.endswith("svg")


def test_the_pages_tell_what_was_measured():
    for page, blocks in pages(measured()).items():
        text = page.read_text()
        for name, block in blocks.items():
            assert f"<!-- {name}: begin -->\n{block}\n<!-- {name}: end -->" in text, f"{page.name}: python -m bench.load.page"
    for name, picture in pictures(measured()).items():
        assert (PICTURES / name).read_text() == picture


def test_a_run_that_was_cut_short_tells_what_there_is():
    whole = measured()
    for missing in (["checked"], ["checked", "hold"], ["checked", "hold", "steps"]):
        part = json.loads(json.dumps({name: value for name, value in whole.items() if name not in missing}))
        assert told(part)
    assert "held" not in told(part)


def test_habits_may_be_others():
    assert model.people_per_core(UNIT, replace(HABIT, requests=0)) > model.people_per_core(UNIT, HABIT)
