"""Rounds with evidence for the reports: every derivation written out, so that a page depends on nothing else."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from pathlib import Path
from typing import Any

from evaluator.model.access import AccessDerivation, EvidenceItem
from evaluator.model.evaluation import Evaluation
from evaluator.model.evidence import EvidenceOutcome
from evaluator.model.openness import (
    COMPONENTS,
    DIMENSIONS,
    PARTS,
    ComponentLine,
    LevelStep,
    OpennessDeclaration,
    OpennessDerivation,
)
from evaluator.model.performance import Alternative, BenchmarkLine, Measurement, PerformanceDerivation
from evaluator.model.support import (
    SupportItem,
    SupportLine,
    SupportOption,
    SupportOutcome,
    SupportPolicy,
    SupportTotal,
    TeamSupport,
)
from tests.report import rounds
from tests.report.rounds import made, tables

F = Fraction
SHA_A, SHA_B = "a1" * 32, "b2" * 32
BENCHMARKS = {
    "know": ("종합 지식 시험", "General knowledge"),
    "maths": ("수학 경시", "Competition mathematics"),
    "code": ("코드 작성", "Writing code"),
    "korean": ("한국어 이해", "Korean language"),
    "agent": ("도구 사용", "Use of tools"),
    "long": ("긴 글 이해", "Long documents"),
}


def performance_rule(**parts: Any) -> dict[str, Any]:
    """Six benchmarks in two categories; ``parts`` replace or add keys."""
    return {
        "categories": [
            {"id": "reason", "title": {"ko": "추론", "en": "Reasoning"}},
            {"id": "language", "title": {"ko": "언어", "en": "Language"}},
        ],
        "benchmarks": [
            {
                "id": id_,
                "title": {"ko": ko, "en": en},
                "metric": "acc",
                "scale": {"min": 0, "max": 100},
                "category": "reason" if id_ in {"maths", "code", "agent"} else "language",
            }
            for id_, (ko, en) in BENCHMARKS.items()
        ],
        "aggregation": {"formula": "mean_of_ratios", "cap": 1, "round": 4},
        "coverage": "80%",
        "verdict": {"target": 0.95},
    } | parts


def evidence_rubric(*, performance: dict[str, Any] | None = None, **parts: Any) -> dict[str, Any]:
    """The usual rubric with a performance criterion, the shipped openness scale and two access indicators."""
    levels = [
        {"value": v, "title": {"ko": f"{v}단계 뜻", "en": f"meaning of {v}"}}
        | ({"evidence": ["terms_of_service"]} if v else {})
        for v in range(6)
    ]
    access = [
        {
            "id": id_,
            "title": {"ko": ko, "en": en},
            "points": 5,
            "source": "access",
            "levels": levels,
            "access": {"counts": "delivered"},
        }
        for id_, ko, en in (("free-use", "무료 이용", "Free use"), ("reach", "도달 범위", "Reach"))
    ]
    base = rounds.rubric(**parts)
    more = [
        {
            "id": "attainment",
            "title": {"ko": "목표 대비 성능", "en": "Attainment"},
            "points": 20,
            "source": "performance",
            "convert": {"kind": "target", "at": 0.95},
            "performance": performance or performance_rule(),
        },
        {
            "id": "release",
            "title": {"ko": "공개 수준", "en": "Openness"},
            "points": 10,
            "source": "openness",
            "levels": [{"value": v, "title": {"ko": f"{v}단계", "en": f"level {v}"}} for v in range(7)],
            "openness": {"counts": "delivered"},
        },
        {"id": "access", "title": {"ko": "접근성", "en": "Access"}, "points": 10, "children": access},
    ]
    return base | {"criteria": [*base["criteria"], *more]}


def line(benchmark: str, score: int, other: int, **more: Any) -> BenchmarkLine:
    """A measured benchmark with its interval; ``more`` replaces or adds fields."""
    ratio = F(score, other)
    given: dict[str, Any] = {
        "benchmark": benchmark,
        "state": "measured",
        "weight": F(1, 5),
        "own": F(score),
        "other": F(other),
        "own_normal": F(score, 100),
        "other_normal": F(other, 100),
        "ratio": ratio,
        "low": F(round(ratio * 100) - 3, 100),
        "high": F(round(ratio * 100) + 3, 100),
        "n": 500,
        "reference": "참조-9",
        "measured_by": "self",
        "harness": "lm_eval 0.4.9",
        "reference_harness": "lm_eval 0.4.9",
        "date": "2026-01-02",
        "file": "results/lm_eval.json",
        "sha256": SHA_A,
    }
    return BenchmarkLine(**(given | more))


def performance(applicant: str, **more: Any) -> PerformanceDerivation:
    """A derivation with one benchmark of nearly every state; ``more`` replaces or adds fields."""
    lines = (
        line("know", 88, 92, flags=("self_measured",)),
        line("maths", 80, 94, flags=("small_n", "self_measured"), n=30, low=F(71, 100), high=F(97, 100)),
        line("code", 90, 84, flags=("capped", "self_measured")),
        line("korean", 75, 80, measured_by="agency", file="results/agency.json", sha256=SHA_B),
        line("agent", 0, 70, state="missing", own=None, own_normal=None, ratio=None, low=None, high=None, n=None,
             measured_by=None, file="", sha256="", flags=("missing_counts_zero",)),
        line("long", 0, 70, state="excused", weight=F(0), own=None, own_normal=None, ratio=None, low=None, high=None,
             n=None, measured_by=None, file="", sha256="", excuse="문제집이 회수됨."),
    )  # fmt: skip
    given: dict[str, Any] = {
        "applicant": applicant,
        "criterion": "attainment",
        "model": "가람-1",
        "version": "2026-01",
        "mode": "thinking",
        "policy": "best_single",
        "references": ("참조-9",),
        "lines": lines,
        "coverage": F(4, 6),
        "ratio": F(9312, 10000),
        "low": F(9051, 10000),
        "high": F(9573, 10000),
        "probability": F(1183, 10000),
        "equal_passes": F(8412, 10000),
        "target": F(95, 100),
        "verdict": "not_met",
        "alternatives": (
            Alternative(policy="best_single", formula="ratio_of_means", ratio=F(9531, 10000), verdict="met"),
            Alternative(
                policy="best_single",
                formula="mean_of_ratios",
                cap=F(1),
                ratio=F(9312, 10000),
                verdict="not_met",
                declared=True,
            ),
            Alternative(policy="envelope", formula="mean_of_ratios", ratio=F(8971, 10000), verdict="not_met"),
        ),
        "flags": ("small_n", "capped", "self_measured"),
    }
    return PerformanceDerivation(**(given | more))


_OPEN = {"architecture", "final_weights", "inference_code", "model_card", "technical_report"}


def openness(applicant: str, **more: Any) -> OpennessDerivation:
    """Level 3 where 4 is claimed: the evaluation results and the data card are missing."""
    components = tuple(
        ComponentLine(
            component=name,
            part=PARTS[name],
            state="delivered" if name in _OPEN else "promised" if name == "data_card" else "absent",
            licence="Apache-2.0" if name in _OPEN | {"data_card"} else "",
            licence_kind="open" if name in _OPEN | {"data_card"} else "none",
            url=f"https://example.org/garam/{name}" if name in _OPEN else "",
            gated=False if name in _OPEN else None,
            counts=name in _OPEN,
            notes=("software_licence",) if name == "model_card" else (),
        )
        for name in COMPONENTS
    )
    steps = (
        *(LevelStep(level=level, met=True) for level in range(4)),
        LevelStep(level=4, met=False, missing=("evaluation_results", "data_card")),
        LevelStep(level=5, met=False, missing=("training_code", "evaluation_code", "evaluation_data", "lower_level")),
        LevelStep(level=6, met=False, missing=("datasets", "preprocessing_code", "lower_level")),
    )
    given: dict[str, Any] = {
        "applicant": applicant,
        "criterion": "release",
        "model": "가람-1",
        "counts": "delivered",
        "level": 3,
        "delivered_level": 3,
        "promised_level": 3,
        "claimed": 4,
        "components": components,
        "steps": steps,
        "next_missing": ("evaluation_results", "data_card"),
        "osaid": False,
        "osaid_missing": ("preprocessing_code", "training_code", "data_card"),
        "transparency": F(11, 2),
        "dimensions": tuple((d, F(1) if i < 4 else F(1, 2) if i < 7 else F(0)) for i, d in enumerate(DIMENSIONS)),
        "flags": ("claimed_higher",),
    }
    return OpennessDerivation(**(given | more))


def access(applicant: str) -> tuple[AccessDerivation, AccessDerivation]:
    """Two indicators: one as claimed, one that falls for lack of evidence and shares a document with others."""
    terms = EvidenceItem(
        id="e1",
        kind="terms_of_service",
        title="이용약관 2판",
        place="https://example.org/garam/terms",
        pages="3-5쪽",
        date="2025-12-01",
        issuer="가람연구소(가상)",
        delivery="delivered",
    )
    shared = EvidenceItem(
        id="e2",
        kind="usage_statistics",
        title="이용 통계",
        place="documents/usage.pdf",
        date="2025-12-20",
        figure="1200000",
        unit="persons_per_month",
        period="2025-10-01~2025-12-31",
        delivery="delivered",
        flags=("used_twice", "used_by_others"),
        alike=("free-use/e9", "a2:reach/e4"),
    )
    return (
        AccessDerivation(
            applicant=applicant, criterion="free-use", indicator="free-use", counts="delivered", level=3, promised=4,
            delivered=3, claimed_promised=4, claimed_delivered=3, by="2026-12-31", evidence=(terms,),
        ),
        AccessDerivation(
            applicant=applicant, criterion="reach", indicator="reach", counts="delivered", level=2, promised=2,
            delivered=2, claimed_promised=4, claimed_delivered=4, missing=("app_listing", "telephone_service"),
            evidence=(shared,), flags=("claim_reduced",),
        ),
    )  # fmt: skip


POLICY = SupportPolicy(
    schema=1,
    id="support-test",
    version="1",
    title={"ko": "지원 기준(가상)", "en": "Support policy (fictional)"},
    basis={"status": "published", "source": "a sister call", "note": {"ko": "예제로 씀", "en": "used as an example"}},
    items=(
        SupportItem(
            id="data",
            title={"ko": "자체 데이터", "en": "Own data"},
            kind="shared",
            available=F(6 * 10**9),
            basis={"status": "assumed"},
        ),
        SupportItem(
            id="gpu",
            title={"ko": "GPU 배정", "en": "GPUs"},
            kind="units",
            unit="GPU",
            available=F(768),
            not_for=("a2",),
            reason={"ko": "이 사업에 GPU를 임대한 팀이다.", "en": "It leases GPUs to the programme."},
        ),
    ),
)


def support() -> SupportOutcome:
    """Two teams: one with everything, one that gets no GPUs."""
    first = (
        SupportLine(item="data", unit="KRW", asked=F(4 * 10**9), wish=F(28 * 10**8), granted=F(3111111112),
                    government=F(28 * 10**8), own=F(311111112), cash=F(31111112), rule="shared", notes=("capped",)),
        SupportLine(item="gpu", unit="GPU", asked=F(1024), wish=F(512), granted=F(512), government=F(512), own=F(0),
                    rule="units", notes=("capped",)),
    )  # fmt: skip
    second = (
        SupportLine(item="data", unit="KRW", asked=F(3 * 10**9), wish=F(27 * 10**8), granted=F(3 * 10**9),
                    government=F(27 * 10**8), own=F(3 * 10**8), cash=F(3 * 10**7), rule="shared"),
        SupportLine(item="gpu", unit="GPU", asked=F(512), wish=F(0), granted=F(0), government=F(0), own=F(0),
                    rule="units", notes=("not_for",)),
    )  # fmt: skip
    return SupportOutcome(
        policy="support-test",
        version="1",
        status="granted",
        teams=(
            TeamSupport(applicant="a1", size="large", level=3, own_share=F(1, 10), lines=first,
                        government=F(28 * 10**8), own=F(311111112)),
            TeamSupport(applicant="a2", size="mid", level=3, own_share=F(1, 10), lines=second,
                        government=F(27 * 10**8), own=F(3 * 10**8)),
        ),
        totals=(
            SupportTotal(item="data", unit="KRW", wished=F(55 * 10**8), granted=F(6111111112), government=F(55 * 10**8),
                         own=F(611111112), available=F(6 * 10**9)),
            SupportTotal(item="gpu", unit="GPU", wished=F(512), granted=F(512), government=F(512), own=F(0),
                         available=F(768)),
            SupportTotal(item="budget", unit="KRW", wished=F(55 * 10**8), granted=F(6111111112),
                         government=F(55 * 10**8), own=F(611111112)),
        ),
        declared=POLICY,
    )  # fmt: skip


def over_budget() -> SupportOutcome:
    """The same with too few GPUs: none is granted to who wants some, and three ways out are worked out."""
    options = (
        SupportOption(kind="proportional", amounts=(("a1", F(341)), ("a2", F(170)))),
        SupportOption(kind="equal_cap", amounts=(("a1", F(256)), ("a2", F(256)))),
        SupportOption(kind="rank_order", amounts=(("a1", F(512)), ("a2", F(0)))),
    )
    gpu = SupportTotal(
        item="gpu", unit="GPU", wished=F(768), granted=None, government=None, own=None, available=F(512), over=F(256),
        options=options,
    )  # fmt: skip
    return dataclasses.replace(undecided(support(), "gpu"), status="over", totals=(gpu,))


def undecided(outcome: SupportOutcome, item: str) -> SupportOutcome:
    """An outcome in which one item is undecided for every team that wishes for some; its totals are left alone."""
    nothing: dict[str, Any] = {"granted": None, "government": None, "own": None, "cash": None}

    def opened(team: TeamSupport) -> TeamSupport:
        lines = [dataclasses.replace(one, **nothing) if one.item == item and one.wish else one for one in team.lines]
        money = [one for one in lines if one.unit == "KRW"]
        return dataclasses.replace(
            team,
            lines=tuple(lines),
            government=sum((one.government or F(0) for one in money), F(0)),
            own=sum((one.own or F(0) for one in money), F(0)),
        )

    return dataclasses.replace(outcome, teams=tuple(opened(team) for team in outcome.teams))


def with_evidence(
    folder: Path, *, more: EvidenceOutcome | None = None, rubric: dict[str, Any] | None = None, **info: Any
) -> Evaluation:
    """A ranked round in which a1 has everything, a2 a figure without an interval, and the others nothing."""
    figures = {"attainment": "0.9", "release": "3", "free-use": "3", "reach": "2"}
    given = tables()
    applicants = [{**row, "alias": f"팀 {row['id']}"} for row in given["applicants"]]
    office = [
        *given["office"],
        *(
            {"applicant": a, "criterion": criterion, "score": score}
            for a in ("a1", "a2", "a3", "a4", "a5")
            for criterion, score in figures.items()
        ),
    ]
    evaluation = made(folder, rubric or evidence_rubric(), tables(office=office, applicants=applicants), **info)
    outcome = EvidenceOutcome(
        performance=(
            performance("a1"),
            performance(
                "a2", model="나래-2", ratio=F(9871, 10000), low=None, high=None, probability=None, equal_passes=None,
                verdict="met", withheld=("harness_differs", "no_sample_size"), flags=("harness_mismatch",),
                alternatives=(),
            ),
        ),
        openness=(openness("a1"),),
        access=access("a1"),
    )  # fmt: skip
    return dataclasses.replace(evaluation, evidence=more or outcome, support=support())


def measurement(**more: Any) -> Measurement:
    """One published figure; ``more`` replaces or adds fields."""
    given: dict[str, Any] = {
        "benchmark": "MMLU-Pro",
        "metric": "accuracy",
        "model": "가람-1",
        "score": F(834, 10),
        "low": F(0),
        "high": F(100),
        "measured_by": "self",
        "date": "2025-12-31",
        "file": "performance/published.csv",
        "sha256": SHA_A,
        "source": "https://example.org/garam-1/README.md",
    }
    return Measurement(**(given | more))


def evidence_only(folder: Path, **info: Any) -> Evaluation:
    """A round in which nobody is compared: a1 with figures and licences, a2 with figures, a3 with nothing."""
    names = {"a1": "가람연구소(가상)", "a2": "나래기술(가상)", "a3": "다온정보(가상)"}
    base = {
        "schema": 1,
        "id": "evidence-only",
        "version": "1",
        "title": {"ko": "근거표(가상)", "en": "Evidence table (fictional)"},
        "use": "evidence",
        "criteria": [
            {"id": "figures", "title": {"ko": "수치", "en": "Figures"}, "points": 1, "source": "performance"},
            {
                "id": "release",
                "title": {"ko": "공개 범위", "en": "Release"},
                "points": 1,
                "source": "openness",
                "levels": [{"value": v, "title": {"ko": f"{v}단계", "en": f"level {v}"}} for v in range(7)],
                "openness": {"counts": "delivered"},
            },
        ],
    }
    about = made(folder, base, {"applicants": [{"id": a, "name": name} for a, name in names.items()]}, **info)
    found = (
        ("a1", measurement()),
        ("a1", measurement(benchmark="AIME 2025", score=F(928, 10), mode="thinking", n=30, metric="-")),
        ("a2", measurement(model="나래-2", measured_by="third_party", low=None, high=None, date="")),
    )
    declared = OpennessDeclaration.model_validate(
        {
            "schema": 1,
            "model": "가람-1",
            "relation": "fine_tuned",
            "base_models": [{"name": "바탕-0", "licence": "MIT", "url": "https://example.org/base"}],
            "licences": [
                {
                    "id": "garam-licence",
                    "title": {"ko": "가람 이용허락 1.0", "en": "Garam licence 1.0"},
                    "url": "https://example.org/licence",
                    "public": True,
                    "commercial_use": True,
                    "modification": True,
                    "redistribution": True,
                    "conditions": ["naming"],
                }
            ],
            "components": [
                {
                    "component": "final_weights",
                    "state": "delivered",
                    "licence": "garam-licence",
                    "url": "https://example.org/garam-1",
                    "gated": True,
                    "source": "README",
                    "date": "2025-12-31",
                },
                {"component": "datasets", "state": "absent"},
            ],
        }
    )
    outcome = EvidenceOutcome(measurements=found, declared=(("a1", declared),))
    return dataclasses.replace(about, evidence=outcome)
