"""One step of a rule: the words that it matches, the value that it sets, and the query rows."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from beaconviz.core.edit import MAX_VALUE, Heads, Numbers
from beaconviz.core.schema import Schema
from beaconviz.rules.fields import Given, NotEmpty, Value, Whole
from beaconviz.rules.words import Bools, Pattern, RuleText

Matrix = Literal["marker", "beacon"]


class Rows(Schema):
    """The query rows in which a step edits a matched word; all given tests have to hold.

    Attributes:
        within, beyond: at most, or more than, this many words away; a word is 0 away from itself.
        clause: in the "same" clause as the matched word or in an "other" one.
        mention: "same": is the same word.
        words: the row's word matches this pattern.
    """

    within: Given[Whole] = None
    beyond: Given[Whole] = None
    clause: Given[Literal["same", "other"]] = None
    mention: Given[Literal["same"]] = None
    words: Given[NotEmpty[Pattern]] = None

    def chosen(self, sentence: RuleText) -> Bools:
        """The chosen query rows for each key, Bool[Array, "query key"]."""
        size = len(sentence)
        chosen = np.ones((size, size), dtype=bool)
        if self.within is not None:
            chosen &= sentence.distance <= self.within
        if self.beyond is not None:
            chosen &= sentence.distance > self.beyond
        if self.clause is not None:
            same = sentence.clauses[:, None] == sentence.clauses
            chosen &= same == (self.clause == "same")
        if self.mention is not None:
            _, word = np.unique(sentence.bare, return_inverse=True)
            chosen &= word[:, None] == word
        if self.words is not None:
            chosen &= self.words.caught(sentence)[:, None]
        return chosen


EVERY_WORD, EVERY_ROW = Pattern(), Rows()


class Amount(Schema):
    """A number that may depend on the distance between query and key, in words.

    start + per_word · k + log · ln(1 + k) with k = max(0, distance − beyond), clipped to `least`
    and `most`. A beacon is in units of S.

    >>> Amount(**{"per_word": 2, "from": 1, "most": 5}).at(np.array([0, 1, 2, 3, 9])).tolist()
    [0.0, 0.0, 2.0, 4.0, 5.0]
    """

    start: Value = 0.0
    per_word: Value = 0.0
    log: Value = 0.0
    beyond: Whole = Field(default=0, alias="from")
    least: Value = -MAX_VALUE
    most: Value = MAX_VALUE

    @model_validator(mode="after")
    def _check(self) -> Amount:
        set_fields = self.model_fields_set
        if not set_fields & {"per_word", "log"} and set_fields - {"start"}:
            raise ValueError("has neither per_word nor log; give one, or a plain number")
        if self.least > self.most:
            raise ValueError(f"has the least {self.least:g}, which is above most, {self.most:g}")
        return self

    @model_serializer(mode="wrap")
    def _plain(self, serialized: SerializerFunctionWrapHandler) -> Any:
        fields = serialized(self)
        return fields["start"] if self.is_constant else fields

    @property
    def is_constant(self) -> bool:
        return self.per_word == self.log == 0

    def at(self, distance: NDArray[Any]) -> NDArray[np.float64]:
        """The amount at these distances, in words."""
        if self.is_constant:
            return np.full(distance.shape, self.start)
        further = np.maximum(distance - self.beyond, 0)
        amount = self.start + self.per_word * further + self.log * np.log1p(further)
        clipped: NDArray[np.float64] = np.clip(amount, self.least, self.most)
        return clipped


def _as_amount(data: Any) -> Any:
    """A plain number is an amount that does not depend on distance."""
    return data if isinstance(data, (dict, Amount)) else {"start": data}


def _within_limits(amount: Amount) -> Amount:
    """Clips an amount that does not depend on distance to its limits."""
    if not amount.is_constant:
        return amount
    return Amount(start=max(amount.least, min(amount.start, amount.most)))


AmountOrNumber = Annotated[
    NotEmpty[Amount], BeforeValidator(_as_amount), AfterValidator(_within_limits)
]
WordsOrAll = Annotated[
    NotEmpty[Pattern], BeforeValidator(lambda data: EVERY_WORD if data == "all" else data)
]
RowsOrAll = Annotated[
    NotEmpty[Rows], BeforeValidator(lambda data: EVERY_ROW if data == "all" else data)
]


class Step(Schema):
    """The words that a step matches, the value for their columns, the rows, layers and heads.

    In the product reading the columns of M are queries: with a marker on a matched word, rows use
    the attention of that word.
    """

    words: WordsOrAll = EVERY_WORD
    rows: RowsOrAll = EVERY_ROW
    beacon: Given[AmountOrNumber] = None
    marker: Given[AmountOrNumber] = None
    layers: Numbers = "all"
    heads: Heads = "all"

    @model_validator(mode="after")
    def _check_matrix(self) -> Step:
        if (self.beacon is None) == (self.marker is None):
            matrices = (
                "neither beacon nor marker" if self.beacon is None else "both a beacon and a marker"
            )
            raise ValueError(f"has {matrices}; expected one: make a step for each")
        return self

    @property
    def matrix(self) -> Matrix:
        """The matrix that it edits."""
        return "marker" if self.beacon is None else "beacon"

    @property
    def amount(self) -> Amount:
        """The value that it sets."""
        amount = self.marker if self.beacon is None else self.beacon
        assert amount is not None
        return amount

    @property
    def is_of_columns(self) -> bool:
        """Whether all rows get the same value, so that one "*" cell per word is enough."""
        return self.rows == EVERY_ROW and self.amount.is_constant
