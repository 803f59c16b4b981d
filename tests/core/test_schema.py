"""What does not fit a schema is told in one line: where, what was given, what was expected."""

from dataclasses import dataclass
from typing import Annotated, Literal

import pytest
from pydantic import BeforeValidator, Field

from beaconviz.core.errors import BeaconvizError
from beaconviz.core.schema import Many, Schema, check_version, parse_json, read_as, read_json_as


class Dog(Schema):
    name: str = Field(min_length=1, description="what it is called")
    legs: int = Field(4, alias="number of legs", ge=0)


class Kennel(Schema):
    dogs: Many[Dog] = ()
    open: bool | Literal["mornings", "evenings"] = True
    food: dict[int, list[float]] = Field({})
    owners: Annotated[
        Many[str], BeforeValidator(lambda it: it if isinstance(it, list) else [it])
    ] = ()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (3, "the kennel is 3; expected an object with dogs, open, food, owners"),
        ({"dogs": 3}, "dogs is 3; expected a list"),
        ({"dogs": [3]}, "dogs[0] is 3; expected an object with name, number of legs"),
        ({"dogs": [{}]}, "dogs[0] has no name; expected what it is called"),
        ({"dogs": [{"name": ""}]}, "dogs[0].name is ''; expected a text that is not empty"),
        ({"dogs": [{"name": None}]}, "dogs[0].name is missing; expected a text"),
        (
            {"dogs": [{"name": "Rex", "number of legs": "4"}]},
            "dogs[0][number of legs] is '4'; expected a whole number",
        ),
        ({"dogs": [{"name": "Rex", "number of legs": -1}]}, "is -1; expected 0 or more"),
        (
            {"dogs": [{"name": "Rex", "legs": 4}]},
            "dogs[0] has the unknown field 'legs'; known are name, number of legs",
        ),
        # A misspelt field is told before what is missing for it.
        (
            {"dogs": [{"nmae": "Rex"}]},
            "dogs[0] has the unknown field 'nmae' (did you mean name?); known are name, number of",
        ),
        (
            {"open": "morning"},
            "open is 'morning'; expected true or false or 'mornings' or 'evenings' "
            "(did you mean mornings?)",
        ),
        ({"food": {"x": [1]}}, "food has the key 'x'; expected a whole number"),
        ({"food": {1: [1.0, "2"]}}, "food[1][1] is '2'; expected a finite number"),
        # A validator that turns one value into a list leaves the place as it is in the file.
        ({"owners": 3}, "owners is 3; expected a text"),
        ({"owners": ["Ann", 3]}, "owners[1] is 3; expected a text"),
        ({"dogs": [{"x" * 500: 1}]}, f"unknown field '{'x' * 56}…; known are"),
        ({"food": {1: [10**5000]}}, "food[1][0] is a number of thousands of digits; expected"),
    ],
)
def test_the_first_thing_that_does_not_fit_is_told(data, message):
    with pytest.raises(BeaconvizError) as told:
        read_as(Kennel, data, "the kennel")
    assert message in str(told.value)
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 250


@dataclass(frozen=True)
class Owner:
    name: str
    dogs: int = 1


class Register(Schema):
    owners: Many[Owner]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"owners": [{}]}', "owners[0] has no 'name'"),
        ('{"owners": [{"name": "Ann", "cats": 2}]}', "owners[0] has the unknown field 'cats'"),
        ('{"owners": [{"name": "Ann", "dogs": "2"}]}', "owners[0].dogs is '2'; expected a whole"),
        ('{"owners": [3]}', "owners[0] is 3; expected an object"),
        ('{"owners": [], "owners": []}', "'owners' is given twice"),
    ],
)
def test_objects_of_json_may_stand_for_dataclasses(text, message):
    with pytest.raises(BeaconvizError) as told:
        read_json_as(Register, text, "the register")
    assert message in str(told.value)
    register = read_json_as(Register, '{"owners": [{"name": "Ann"}]}', "the register")
    assert register.owners == (Owner("Ann"),)


def test_what_fits_is_kept():
    kennel = read_as(Kennel, {"dogs": [{"name": "Rex"}], "food": {1: [2]}}, "the kennel")
    assert kennel == Kennel(dogs=(Dog(name="Rex"),), food={1: [2.0]})
    assert kennel.dogs[0].legs == 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1', "the file is not valid JSON (line 1, column 8: Expecting"),
        ('{"b": [{"a": 1, "a": 2}]}', "not valid JSON ('a' is given twice in an object)"),
        ("[" * 100_000, "the file is nested too deeply"),
        ("9" * 5_000, "the file is not valid JSON (Exceeds the limit (4300 digits)"),
    ],
)
def test_a_text_that_is_no_json(text, message):
    with pytest.raises(BeaconvizError) as told:
        parse_json(text, "the file")
    assert message in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("version", "message"),
    [
        (3, "the file is of version 3; this beaconviz reads 2: update beaconviz"),
        (1, '"v" is 1; expected the version number 2'),
        (True, '"v" is True'),
        (2.0, '"v" is 2.0'),
        (None, '"v" is missing'),
        pytest.param(10**5000, "is of version a number of thousands of digits", id="huge"),
    ],
)
def test_a_file_of_another_version(version, message):
    with pytest.raises(BeaconvizError) as told:
        check_version({"v": version}, "v", 2, "the file")
    assert message in str(told.value)
    check_version({"v": 2}, "v", 2, "the file")
