def test_a_year_is_started_on_each_database(cycle_anywhere):
    cycle_anywhere("start 2025")

    assert "2025" in cycle_anywhere("status 2025").out
