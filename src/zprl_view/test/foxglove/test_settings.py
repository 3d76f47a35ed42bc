"""The parameters of the Foxglove node."""

import pytest

from zprl_view.foxglove.settings import FoxgloveSettings


def test_it_listens_on_this_machine_unless_told_otherwise() -> None:
    assert FoxgloveSettings().host == "127.0.0.1"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"host": ""}, "host is empty"), ({"port": 70000}, "port"), ({"image_rate": 0.0}, "image_rate")],
)
def test_wrong_parameters_are_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        FoxgloveSettings(**wrong)  # type: ignore[arg-type]
