"""What people write: Korean and other languages, emoji, and texts that have broken movers."""

from __future__ import annotations

from plaza.filling.dice import Dice

MEGABYTE = 1_048_576

FAMILY_NAMES = [
    "김", "이", "박", "최", "정", "강", "조", "윤", "장", "임", "Smith", "Müller", "García",
    "Nguyễn", "O'Brien", "Иванова", "田中", "de la Cruz", "Ångström", "Ωνάσης",
]  # fmt: skip
GIVEN_NAMES = [
    "서연", "민준", "지우", "하은", "도윤", "수아", "예준", "지호", "Anna", "José", "Zoë",
    "Thị Hoa", "Ольга", "太郎", "Renée", "Björn", "Lucía", "Σοφία", "Mary Jane",
]  # fmt: skip
LATIN_NAMES = [
    "minjun", "seoyeon", "jiwoo", "haeun", "doyun", "sua", "yejun", "anna", "jose", "olga",
    "taro", "lucia", "bjorn", "renee", "sofia", "hoa", "mary", "juan",
]  # fmt: skip
WORDS = [
    "오늘", "하늘이", "정말", "예쁘다", "우리", "동네", "카페에서", "커피", "한잔", "여행",
    "사진을", "찍었다", "맛있는", "점심", "친구랑", "바다", "노을", "고양이가", "강아지",
    "비가", "온다", "봄날", "산책", "the", "best", "view", "coffee", "with", "friends",
    "sunset", "again", "weekend", "miss", "this", "place", "so", "much", "crème", "brûlée",
    "Straße", "naïve", "привет", "мир", "東京", "の夜", "寿司", "مرحبا", "שלום", "😀", "🍜",
    "❤️", "👍🏽", "🇰🇷", "👨‍👩‍👧‍👦", "✈️", "🌊", "#주말", "@minjun", "100%", "it's",
    '"wow"', "C:\\temp", "--", "a/b", "<3", "&", "…", "ㅋㅋㅋ", "ㅠㅠ",
]  # fmt: skip
TAG_WORDS = [
    "맛집", "여행", "일상", "주말", "카페", "서울", "부산", "제주", "고양이", "강아지",
    "운동", "독서", "영화", "음악", "food", "travel", "sunset", "coffee", "photo",
    "fashion", "beach", "mountain",
]  # fmt: skip
PLACES = [
    "서울숲", "경복궁", "해운대", "한라산 백록담", "Café de Flore", "東京駅",
    "Плошча Перамогі", "Times Square", "광장시장", "홍대입구역 9번 출구",
    "Playa de la Concha", 'Ben\'s "Chili" Bowl',
]  # fmt: skip

# Each of these has lost or changed a row somewhere: delimiters of COPY and LOAD DATA, words
# for NULL, letters that change their length with their case, characters outside the BMP.
AWKWARD = [
    "tab\there\tand\tthere",
    "line one\nline two\r\nline three\rline four",
    "\\N",
    "\\.",
    "back\\slash, \\n is no newline, \\\\ two, and one at the end \\",
    "it's \"quoted\" in `every` 'way'; -- '' \"\" \\' \\\"",
    "NULL",
    "null",
    "0",
    " leading and trailing blanks ",
    "trailing newline\n",
    "\v\f\b\x01\x1f\x7f control characters",
    "no-break\u00a0space, zero\u200bwidth, line\u2028and paragraph\u2029separators",
    "\ufeffbyte order mark, replacement \ufffd, private \ue000",
    "👨‍👩‍👧‍👦 🏴‍☠️ 🇰🇷 👍🏽 \U0001f9d1\u200d\U0001f680 \U0002070e",
    "café and cafe\u0301, 한글 and \u1112\u1161\u11ab\u1100\u1173\u11af",
    "ß ẞ İ ı ſ ŉ ǰ ﬁ",
    "שלום \u202eעולם\u202c مرحبا",
    "100% %s %(name)s %% {0} {name} $1 ? :id @x",
    '{"json": "inside", "n": 1e400}',
    "<script>alert('1')</script> &amp;",
    "'); DROP TABLE auth_user; --",
    "1,2;3|4",
    "=1+1",
]


class Phrases:
    """A stock of texts, made once per run, that rows take from.

    Each stock is a list in which a text stands as often as it should be taken.
    """

    def __init__(self, seed: int) -> None:
        dice = Dice(seed, "phrases")
        short = [self._words(dice, 2, 14) for _ in range(4_000)]
        long = [self._words(dice, 10, 60) for _ in range(1_500)]
        essays = ["\n\n".join(dice.pick(long) for _ in range(30)) for _ in range(8)]
        self.comments = short + long[:40] + AWKWARD * 3
        self.posts = short + long + essays + AWKWARD * 6 + [""] * 300
        self.lines = short + AWKWARD * 4
        self._paragraphs = long + AWKWARD * 8

    @staticmethod
    def _words(dice: Dice, least: int, most: int) -> str:
        return " ".join(dice.pick(WORDS) for _ in range(least + dice.below(most - least)))

    def line(self, dice: Dice, at_most: int) -> str:
        """A title, a caption, a note: text for a column of limited length."""
        return dice.pick(self.lines)[:at_most]

    def megabyte(self, dice: Dice) -> str:
        """At least 1 MB in UTF-8, with everything in it that must be escaped."""
        parts, size = [], 0
        while size < MEGABYTE:
            part = dice.pick(self._paragraphs)
            parts.append(part)
            size += len(part.encode()) + 1
        return "\n".join(parts)


def large_rows(total: int) -> set[int]:
    """Which ids of a table of total rows hold a megabyte: 1 to 4, never the first or the last."""
    many = min(4, 1 + total // 50_000)
    return {total * nth // (many + 1) + 1 for nth in range(1, many + 1)}
