import pickle

from models.errors import Cancelled, MaquetteError


def test_an_error_shows_its_code_and_message() -> None:
    assert str(MaquetteError("TOO_LARGE", "9 is more than 8")) == "TOO_LARGE: 9 is more than 8"


def test_an_error_survives_pickling() -> None:
    for error in (MaquetteError("BAD_IMAGE", "no object"), Cancelled()):
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), again.code, again.message) == (type(error), error.code, error.message)
