"""What a text names."""

from __future__ import annotations

import pytest

from plaza.social import texts


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#One #one ＃no #two,#three", ["one", "two", "three"]), ("a#b &#39; #1 #1st", ["1st"]),
        ("#맛집#여행", ["맛집", "여행"]),
        ("#ﬁn #fin", ["fin"]), ("#" + "x" * 101, []), ("#" + "x" * 100, ["x" * 100]), ("", []), ("# ##a", ["a"]),
    ],
)  # fmt: skip
def test_hashtags_are_words_each_once_as_they_are_kept(text: str, found: list[str]) -> None:
    assert texts.tags(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@Ann, @ann and @b.c_d.", ["ann", "b.c_d"]),
        ("me@example.org", []),
        ("@ab", []),
        ("(@abc)", ["abc"]),
        ("@@abc", []),
    ],
)
def test_people_are_named_by_their_nicknames(text: str, found: list[str]) -> None:
    assert texts.mentions(text) == found
