"""What is kept has a bound."""

from __future__ import annotations

from wgsl_ls.text.memo import AboutLists, Memo


def test_the_least_recently_used_go_when_all_is_too_heavy() -> None:
    memo = Memo[str, str](10, len)
    for key, value in (("a", "xxxx"), ("b", "xxx"), ("a", "xx"), ("c", "xxx")):
        memo.put(key, value)
    assert [memo.get(key) for key in "bca"] == ["xxx", "xxx", "xx"]
    memo.put("d", "xxx")
    assert [memo.get(key) for key in "abcd"] == ["xx", None, "xxx", "xxx"]
    memo.put("e", "x" * 99)  # the latest, whatever it weighs
    assert (len(memo), memo.get("e")) == (1, "x" * 99)
    memo.clear()
    assert memo.put("a", "x" * 5) and memo.put("b", "x" * 5) and len(memo) == 2


def test_lists_are_known_by_identity_and_few_large_ones_are_kept() -> None:
    known = AboutLists[int, str](200)
    first, large = (1, 2, 3), tuple(range(140))
    assert known.get_or(first, lambda: "first") == "first"
    assert known.get_or(first, lambda: "again") == "first"
    assert known.get(first, also="dialect") is None
    assert known.get(first[:1] + first[1:]) is None
    known.put(large, "large")
    assert (known.get(first), known.get(large)) == (None, "large")
