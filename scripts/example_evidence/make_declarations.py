"""Write what the fictional teams declare: performance.yaml, openness.yaml and access.yaml with a few documents.

    .venv/bin/python scripts/example_evidence/make_declarations.py

What is declared stands in plan.toml and declarations.toml. Which kinds of evidence a level of access needs is read from
the rubric, so this is run again when the rubric's levels change. Everything is invented.
"""

from __future__ import annotations

import csv
import datetime
import os
import shutil
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from evaluator import resources
from evaluator.files.rubrics import load_rubric
from evaluator.model.access_kinds import CONFORMING, MEASURED
from evaluator.model.openness import COMPONENTS, PARTS
from evaluator.model.rubric import Criterion

HERE = Path(__file__).parent
EXAMPLE = Path(os.environ.get("EXAMPLE", HERE.parent.parent / "examples" / "k-ai-selection"))
LICENCES = {"code": "Apache-2.0", "model": "Apache-2.0", "data": "CC-BY-4.0", "documentation": "CC-BY-4.0"}
NOTICE = "# 가상의 예제. 기관, 모델, 수치, 주소는 모두 지어낸 것이다. / Fictional; nothing in it is real."
THIRD_PARTY = "한결시험원(가상)"
OUTSIDE = {
    "language_test", "additional_language_test", "language_coverage_report", "accessibility_expert_report",
    "accessibility_third_party_report", "certification", "effect_survey", "red_team_report", "quality_comparison",
    "privacy_impact_assessment",
}  # fmt: skip
FIGURES = {
    "usage_limits": "value: 50, unit: requests_per_day",
    "usage_statistics": "value: {persons}, unit: persons_per_month",
    "regional_statistics": "value: {persons}, unit: persons_per_month",
    "price_list": "value: {price}, unit: money_per_million_tokens, currency: KRW",
    "reduced_price_list": "value: 50, unit: percent",
    "participation_statistics": "value: {places}, unit: institutions",
    "funding_commitment": "value: {money}, unit: money_per_year, currency: KRW",
    "outcome_statistics": "value: 12, unit: minutes",
    "uptime_record": "value: 99.7, unit: percent",
    "service_level_agreement": "value: 99.5, unit: percent",
    "compliance_record": "value: 12, unit: months",
}
PERIODS = {"compliance_record": ("2024-07-01", "2025-06-30")}
DOCUMENTS = ("price_list", "agreement", "funding_commitment")


def write(path: Path, lines: Iterable[str]) -> None:
    """Write a file of the example."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def performance(team: dict[str, Any]) -> list[str]:
    """performance.yaml of one team."""
    return [
        NOTICE,
        "schema: 1",
        f"model: {team['model']}",
        'version: "2025.07"',
        f"mode: {team.get('mode', 'standard')}",
        f"measured_by: {team['measured_by']}",
    ]


def openness(team: dict[str, Any], name: str) -> list[str]:
    """openness.yaml of one team: components delivered and promised, under the usual licences unless told otherwise."""
    lines = [
        NOTICE,
        "schema: 1",
        f"model: {name}",
        'version: "2025.07"',
        f"claimed: {team['claimed']}",
        f"relation: {team.get('relation', 'from_scratch')}",
    ]
    for key in ("base_models", "licences"):
        for i, entry in enumerate(team.get(key, [])):
            lines += [f"{key}:"] if i == 0 else []
            first, *rest = (f"{k}: {v}" for k, v in entry.items())
            lines += [f"  - {first}", *(f"    {line}" for line in rest)]
    lines.append("components:")
    other = team.get("licence", {})
    for component in COMPONENTS:
        licence = other.get(component, LICENCES[PARTS[component]])
        if component in team["delivered"]:
            lines += [
                f"  - component: {component}",
                "    state: delivered",
                f"    licence: {licence}",
                f"    url: https://{team['id']}.example/open/{component.replace('_', '-')}",
            ]
        elif component in team["promised"]:
            lines += [
                f"  - component: {component}",
                "    state: promised",
                f"    licence: {licence}",
                f"    by: {team['by']}",
                "    commitment: 제안서 별첨 4 공개 범위 확약서(가상)",
            ]
    return lines


def access(team: dict[str, Any], lead: str, service: str, leaves: list[Criterion]) -> tuple[list[str], dict[str, str]]:
    """access.yaml of one team, and the documents it names by their file names."""
    words = resources.message_catalogue("report", "ko")["evidence_kind"]
    number = int(team["id"][1:])
    figures = {"persons": 8000 * (11 - number), "price": 300 + 20 * number, "places": 12 + number, "money": 900000000}
    documents: dict[str, str] = {}
    lines = [NOTICE, "schema: 1", f"service: {service}", "indicators:"]
    for leaf in leaves:
        level, exists = team["access"][leaf.id]
        claimed = team.get("claims", {}).get(leaf.id, level)
        lines += [f"  - id: {leaf.id}", f"    promised: {{level: {claimed}, by: {team['by']}}}"]
        lines += [f"    delivered: {{level: {exists}}}"] if exists else []
        pieces = [
            (kind, "delivered" if step.value <= exists else "promised")
            for step in leaf.levels
            if 0 < step.value <= level
            for kind in step.evidence
        ]
        pieces = list(dict.fromkeys(pieces))
        lines.append("    evidence:" if pieces else "    evidence: []")
        for i, (kind, delivery) in enumerate(pieces):
            if any(kind == other for other, _ in pieces[:i]):
                continue
            title = f"{leaf.title.in_('ko')} {words[kind]}(가상)"
            day = datetime.date(2025, 3 + (number + i) % 4, 1 + (3 * number + 5 * i) % 28)
            if kind in PERIODS or kind in MEASURED:
                day = datetime.date(2025, 7, 1 + (number + i) % 20)
            issuer = THIRD_PARTY if kind in OUTSIDE else ""
            place = f"url: https://{team['id']}.example/{leaf.id}/{kind.replace('_', '-')}"
            shared = team.get("shared", {}).get(f"{leaf.id}/{kind}")
            if shared:
                title, issuer, place = shared["title"], shared["issuer"], f"url: {shared['url']}"
                day = shared["date"]
            if kind in DOCUMENTS:
                file = f"{leaf.id}-{kind.replace('_', '-')}.md"
                place = f"file: {file}"
                documents[file] = document(title, issuer or lead, day, kind, figures)
            lines += [
                f"      - id: {leaf.id}-{i + 1}",
                f"        kind: {kind}",
                f"        delivery: {delivery}",
                f"        title: {title}",
                *([f"        issuer: {issuer}"] if issuer else []),
                f"        date: {day}",
                f"        {place}",
            ]
            if kind == "certification":
                lines.append("        valid_until: 2026-12-31")
            lines += figure(kind, delivery, figures)
            if kind in CONFORMING:
                standards = ", ".join(f"{{standard: {group[0]}, result: met}}" for group in CONFORMING[kind])
                lines.append(f"        conforms: [{standards}]")
    return lines, documents


def figure(kind: str, delivery: str, figures: dict[str, int]) -> list[str]:
    """The line with a piece of evidence's figure, for the kinds that state one."""
    if kind not in FIGURES:
        return []
    text = FIGURES[kind].format(**figures)
    if kind in MEASURED and delivery == "delivered":
        first, last = PERIODS.get(kind, ("2025-04-01", "2025-06-30"))
        text += f", period: {{from: {first}, to: {last}}}"
    return [f"        figure: {{{text}}}"]


def document(title: str, issuer: str, day: datetime.date, kind: str, figures: dict[str, int]) -> str:
    """A short document that says what it stands for."""
    said = {
        "price_list": f"입력·출력 100만 토큰당 {figures['price']}원(부가가치세 별도)으로 한다.",
        "agreement": "두 기관은 활용 분야와 일정, 담당 부서를 정하여 함께 추진하기로 한다.",
        "funding_commitment": f"해마다 {figures['money']:,}원을 이 목적에 쓰기로 확약한다.",
    }[kind]
    return f"# {title}\n\n- 발행: {issuer}\n- 일자: {day}\n\n{said}\n\n이 문서는 예제를 위하여 지어낸 것이다.\n"


def main() -> None:
    """Write every team's declarations."""
    plan = {team["id"]: team for team in tomllib.loads((HERE / "plan.toml").read_text("utf-8"))["team"]}
    declared = tomllib.loads((HERE / "declarations.toml").read_text("utf-8"))
    names = {row["id"]: row for row in csv.DictReader((EXAMPLE / "applicants.csv").open(encoding="utf-8"))}
    leaves = [leaf for leaf in load_rubric("k-ai-selection").leaves() if leaf.source == "access"]
    for team in declared["team"]:
        id_ = team["id"]
        folder = EXAMPLE / "evidence" / id_
        write(folder / "performance.yaml", performance(plan[id_]))
        write(folder / "openness.yaml", openness(team, plan[id_]["model"]))
        lines, documents = access(team, names[id_]["lead"], team["service"], leaves)
        write(folder / "access.yaml", lines)
        shutil.rmtree(folder / "documents", ignore_errors=True)
        for file, text in documents.items():
            write(folder / "documents" / file, [text.rstrip("\n")])


if __name__ == "__main__":
    main()
