"""Nobody finds a text that the policy keeps from them, wherever they look."""

from tests.access.canaries import fields, without
from tests.access.canaries.crawl import leaks, sink_of
from tests.access.canaries.full import Full


def test_no_answer_tells_anybody_what_they_may_not_read(full: Full) -> None:
    assert "\n".join(map(str, full.leaks)) == ""


def test_everybody_reads_what_they_may(full: Full) -> None:
    """The positive twin: a crawl that finds nothing would pass the other test too."""
    from tests.access.canaries import decoding

    unread = []
    for role in full.surfed.keys() & {"lead", "rival", "analyst", "coordinator", "law"}:
        viewer, answers = full.viewer(role), full.surfed[role].answers.values()
        data = b"\n".join(answer.body for answer in answers)
        read = {c.text for text in decoding.texts(data) for c in full.aviary.within(text)}
        unread += [
            f"{role}: {canary.place}"
            for canary in full.aviary.by_start.values()
            if canary.place.startswith(("PersonalContent", "TrackedAddress", "Statement"))
            and canary.may_read(viewer)
            and canary.text not in read
        ]
    assert "\n".join(unread) == ""


def test_every_text_field_holds_a_canary_or_says_why_not(full: Full) -> None:
    bare = {
        f"{model.__name__}.{name}"
        for model, name in fields.free_text()
        if model.__name__ not in without.MODELS and not fields.has_canary(model, name)
    }
    assert bare == set(without.FIELDS)


def test_leak_in_an_answer_would_be_found(full: Full) -> None:
    """The rival's answers, read as if the white-hat had got them."""
    found = set()
    for url, answer in full.surfed["rival"].answers.items():
        found |= leaks(full.aviary, full.viewer("white_hat"), sink_of(answer), url, answer.body)
    assert {"HTML", "JSON"} <= {leak.sink for leak in found}
    assert full.leaks == []
