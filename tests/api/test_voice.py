"""What calls say over REST: which open rooms there are."""


def test_rooms_nobody_is_in_are_not_listed(api_as):
    answer = api_as().get("/rooms")
    assert (answer.status_code, answer.json()) == (200, {"rooms": {}, "total_rooms": 0, "total_users": 0})
