"""What people head columns with: Korean words, or a column for each criterion. It is not read, but told what is."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Sequence

from evaluator.model.rubric import Criterion

KOREAN = {
    "id": ("번호", "아이디", "식별자"),
    "name": ("이름", "기관명", "신청기관명", "성명"),
    "applicant": ("신청기관", "기관", "팀", "신청자", "참여기관"),
    "reviewer": ("평가위원", "위원", "심사위원"),
    "criterion": ("평가항목", "항목", "평가기준"),
    "score": ("점수", "성적", "결과", "값"),
    "comment": ("의견", "평가의견", "비고"),
    "benchmark": ("벤치마크", "벤치마크명", "시험"),
    "metric": ("지표", "평가지표", "측정지표"),
    "model": ("모델", "모델명", "모형"),
    "version": ("버전", "판"),
    "mode": ("모드",),
    "min": ("최솟값", "최소값", "최소", "하한"),
    "max": ("최댓값", "최대값", "최대", "상한", "만점"),
    "n": ("문항수", "표본수", "응답문항수"),
    "items": ("전체문항수", "총문항수"),
    "stderr": ("표준오차",),
    "direction": ("방향",),
    "harness": ("측정도구", "평가도구", "평가프로그램"),
    "measured_by": ("측정주체", "측정기관", "측정자"),
    "date": ("날짜", "일자", "측정일", "결정일"),
    "source": ("출처", "근거"),
    "organisation": ("기관", "기관명", "개발사", "개발기관"),
    "released": ("출시일", "공개일"),
    "kind": ("구분", "종류", "유형"),
    "reason": ("사유", "이유"),
    "decider": ("결정자", "결정주체", "의결"),
    "item": ("항목", "지원항목", "품목"),
    "asked": ("신청", "신청액", "신청금액", "신청량", "요청"),
    "note": ("비고", "메모"),
    "size": ("규모", "기관규모"),
    "points": ("배점", "점수"),
}
"""For each column the words people head it with, without blanks."""


ONE_MARK = ("criterion", "score")
"""The columns that hold what a table with a column for each criterion says by its headings and below them."""


def meant_by(heading: str, columns: Collection[str]) -> str:
    """The column a Korean heading stands for, among some; empty where none does."""
    word = _word(heading)
    return next((column for column in columns if word in KOREAN.get(column, ())), "")


def criterion_headings(criteria: Iterable[Criterion]) -> frozenset[str]:
    """How the columns may be headed where somebody wrote one for each criterion: its id, or its title."""
    titles = (word for node in criteria for word in (node.id, node.title.ko, node.title.en) if word)
    return frozenset(map(_folded, titles))


def spread_out(names: Sequence[str], known: Collection[str], criteria: Collection[str]) -> list[int]:
    """Which columns stand for a criterion each, in a table that has not both of the columns for that.

    The points of the criterion may stand behind it in brackets.
    """
    if all(any(name == one or meant_by(name, (one,)) for name in names) for one in ONE_MARK):
        return []
    own = (name in known or meant_by(name, known) != "" for name in names)
    return [
        at
        for at, (name, is_own) in enumerate(zip(names, own, strict=True))
        if not is_own and (_folded(name) in criteria or _folded(_word(name)) in criteria)
    ]


def _word(heading: str) -> str:
    """A heading without blanks and without what stands behind it in brackets."""
    return "".join(unicodedata.normalize("NFKC", heading).split()).partition("(")[0]


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()
