"""The kinds of evidence of public AI access, the units of figures, and what is asked of each.

The vocabulary is closed, so that a mistyped kind is a problem and not a piece of evidence that supports nothing. Names
in Korean and English stand in the catalogue ``report-access``.
"""

from __future__ import annotations

from typing import Literal

EvidenceKind = Literal[
    # what is offered, and on what terms
    "service_notice",
    "terms_of_service",
    "usage_limits",
    "service_commitment",
    "quality_comparison",
    "price_list",
    "price_comparison",
    "reduced_price_list",
    "price_commitment",
    "self_hosting_terms",
    "user_guide",
    # through which channels, and to whom
    "channel_record",
    "app_listing",
    "compatibility_test",
    "telephone_service",
    "usage_statistics",
    "regional_statistics",
    # languages
    "language_test",
    "additional_language_test",
    "language_coverage_report",
    "user_test",
    "improvement_record",
    # accessibility
    "accessibility_policy",
    "accessibility_self_check",
    "accessibility_expert_report",
    "accessibility_third_party_report",
    "certification",
    "maintenance_plan",
    # programmes, public services, support
    "needs_survey",
    "pilot_record",
    "programme_record",
    "participation_statistics",
    "effect_survey",
    "feedback_record",
    "use_plan",
    "agreement",
    "operation_record",
    "outcome_statistics",
    "reuse_guide",
    "reuse_case",
    "resource_provision",
    "funding_commitment",
    # reliability
    "service_target",
    "uptime_record",
    "incident_report",
    "service_level_agreement",
    "recovery_test",
    "compliance_record",
    "exit_plan",
    # safety and privacy
    "privacy_policy",
    "safety_policy",
    "safety_test",
    "test_publication",
    "complaint_procedure",
    "red_team_report",
    "privacy_impact_assessment",
    "remedy_record",
    "release_verification",
    "vulnerable_user_report",
]

Unit = Literal[
    "persons",
    "persons_per_day",
    "persons_per_month",
    "persons_per_year",
    "institutions",
    "places",
    "languages",
    "cases",
    "percent",
    "seconds",
    "minutes",
    "hours",
    "days",
    "months",
    "years",
    "tokens",
    "tokens_per_day",
    "tokens_per_month",
    "requests",
    "requests_per_day",
    "requests_per_month",
    "money",
    "money_per_month",
    "money_per_year",
    "money_per_million_tokens",
    "money_per_request",
]
Currency = Literal["KRW", "USD"]
Standard = Literal["KWCAG 2.2", "WCAG 2.2 A", "WCAG 2.2 AA", "WCAG 2.2 AAA"]

MONEY: frozenset[Unit] = frozenset(
    {"money", "money_per_month", "money_per_year", "money_per_million_tokens", "money_per_request"}
)
WHOLE: frozenset[Unit] = frozenset({"persons", "institutions", "places", "languages", "cases", "requests", "tokens"})
"""Units of which there is no half."""

_PEOPLE: tuple[Unit, ...] = ("persons", "persons_per_day", "persons_per_month", "persons_per_year")
_USE: tuple[Unit, ...] = (
    *_PEOPLE, "institutions", "requests", "requests_per_day", "requests_per_month", "tokens", "tokens_per_day",
    "tokens_per_month",
)  # fmt: skip
_PRICES: tuple[Unit, ...] = ("money_per_month", "money_per_year", "money_per_million_tokens", "money_per_request")

FIGURED: dict[EvidenceKind, tuple[Unit, ...]] = {
    "usage_limits": ("requests_per_day", "requests_per_month", "tokens_per_day", "tokens_per_month", "hours"),
    "usage_statistics": _USE,
    "regional_statistics": _USE,
    "price_list": _PRICES,
    "reduced_price_list": (*_PRICES, "percent"),
    "participation_statistics": (*_PEOPLE, "institutions"),
    "funding_commitment": ("money", "money_per_month", "money_per_year"),
    "uptime_record": ("percent",),
    "service_level_agreement": ("percent",),
    "compliance_record": ("percent", "months"),
}
"""The kinds that state a figure, and its units. Without one they count and are flagged ``no_figure``."""

MEASURED: frozenset[EvidenceKind] = frozenset(
    {
        "usage_statistics",
        "regional_statistics",
        "participation_statistics",
        "outcome_statistics",
        "uptime_record",
        "compliance_record",
    }
)
"""The kinds whose figure covers a period. Without one they count and are flagged ``no_period``."""

CONFORMING: dict[EvidenceKind, tuple[tuple[Standard, ...], ...]] = {
    "accessibility_self_check": (("KWCAG 2.2",),),
    "accessibility_expert_report": (("KWCAG 2.2",),),
    "accessibility_third_party_report": (("KWCAG 2.2",), ("WCAG 2.2 AA", "WCAG 2.2 AAA")),
}
"""The kinds that report on accessibility standards: for each, the standards it must report on, any one of a group."""

MUST_BE_MET: frozenset[EvidenceKind] = frozenset({"accessibility_expert_report", "accessibility_third_party_report"})
"""The reports that confirm conformance: where a standard they must report on is not met, they do not count."""

BINDING: frozenset[EvidenceKind] = frozenset(
    {"agreement", "funding_commitment", "price_commitment", "service_commitment", "service_level_agreement"}
)
"""The kinds that bind somebody. A plan without one among its evidence is flagged ``not_binding``."""
