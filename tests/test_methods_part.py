"""Parts of the analysis: in their order, or some beside the others."""

from __future__ import annotations

import threading

import pytest

from ballerup_geo.errors import Fault, MethodError
from ballerup_geo.methods._part import Found, Part, computed
from ballerup_geo.spec import Given

BEFORE = {"da": "før", "en": "before"}


def finds(name, *, apart=False, seen=None, meets=None):
    """A part whose indicator is how many indicators it was told of."""

    def compute(given, storms, found):
        given.progress(name, 0.5)
        if meets is not None:
            meets.wait(timeout=30)
        if seen is not None:
            seen.append(name)
        return Found(indicators={name: float(len(found.indicators))}, notes=({"da": name, "en": name},))

    return Part(compute, apart=apart)


def given_telling(told):
    return Given(inputs={}, assumptions={}, progress=lambda label, share: told.append(label))


@pytest.mark.parametrize("at_once", [False, True])
def test_what_parts_find_stands_in_their_order(at_once):
    told = []
    parts = [finds("a"), finds("b", apart=True), finds("c")]
    found = computed(parts, given_telling(told), None, Found(notes=(BEFORE,)), at_once=at_once)
    assert list(found.indicators) == ["a", "b", "c"]
    assert [words["en"] for words in found.notes] == ["before", "a", "b", "c"]
    assert found.indicators["c"] == 2.0
    assert told == (["a", "c"] if at_once else ["a", "b", "c"])


def test_a_part_that_stands_apart_is_computed_beside_another():
    meeting = threading.Barrier(2)
    computed(
        [finds("a", meets=meeting), finds("b", apart=True, meets=meeting)],
        given_telling([]),
        None,
        Found(),
        at_once=True,
    )
    assert not meeting.broken


@pytest.mark.parametrize("at_once", [False, True])
def test_the_first_part_without_an_answer_is_told(at_once):
    def refuses(what):
        def compute(given, storms, found):
            raise MethodError(Fault("terrain", "", what, "choose another"))

        return compute

    parts = [Part(refuses("too small")), Part(refuses("too coarse"), apart=True)]
    with pytest.raises(MethodError, match="too small"):
        computed(parts, given_telling([]), None, Found(), at_once=at_once)
