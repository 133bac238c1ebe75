"""Invented items for the six item sets of the fictional example, always the same ones.

Nothing is drawn at random: what varies from item to item follows from the item's number, and which items a model
solves from a hash of the model's name and the item's id.
"""

from __future__ import annotations

import hashlib
from typing import Any

Item = dict[str, Any]

# How many items of the guessed sets accept fewer answers, how many they accept, and how many the others accept.
KO_KNOWLEDGE = (400, 40, 3, 4)
EN_KNOWLEDGE = (400, 40, 2, 3)
COLOURS = ("빨강", "파랑", "노랑", "초록")
PLACES = ("도서관", "시장", "역", "강가")
WORDS = ("가을", "나무", "다리", "마을", "바다", "사과", "아침", "하늘")


def ko_knowledge() -> list[Item]:
    """Five choices, three or four of them accepted: the dummy model guesses, and should not look hopeless."""
    total, fewer, few, many = KO_KNOWLEDGE
    return [
        {
            "question": f"가상 문항 {i}: 가상의 마을 {i}호에 있는 것을 하나 고르시오.",
            "choices": ["우물", "정자", "물레방아", "느티나무", "공항"],
            "accepted": list(range(few if i < fewer else many)),
        }
        for i in range(total)
    ]


def en_knowledge() -> list[Item]:
    """Four choices, two or three of them accepted."""
    total, fewer, few, many = EN_KNOWLEDGE
    return [
        {
            "question": f"Fictional item {i}: name one thing found in the invented town no. {i}.",
            "choices": ["a well", "a mill", "a bridge", "a volcano"],
            "accepted": list(range(few if i < fewer else many)),
        }
        for i in range(total)
    ]


def ko_reading() -> list[Item]:
    """240 short passages with four choices, one of them right."""
    return [
        {
            "id": i + 1,
            "input": f"[가상 지문 {i}] 아이는 {PLACES[i % 4]}에서 {COLOURS[i // 4 % 4]} 우산을 잃어버렸다. "
            "우산의 색은?",
            "choices": list(COLOURS),
            "target": "ABCD"[i // 4 % 4],
        }
        for i in range(240)
    ]


def mathematics() -> list[Item]:
    """200 sums."""
    return [
        {"id": i + 1, "input": f"{i + 11} × {i % 17 + 2} − {i} 의 값은?", "target": str((i + 11) * (i % 17 + 2) - i)}
        for i in range(200)
    ]


def code() -> list[Item]:
    """160 expressions whose value is asked for."""
    return [
        {
            "id": i + 1,
            "input": f"파이썬 식 sum(range({i + 3})) % {i % 13 + 5} 의 값은?",
            "target": str(sum(range(i + 3)) % (i % 13 + 5)),
        }
        for i in range(160)
    ]


def instruction() -> list[Item]:
    """250 instructions: write three words in the order that is asked for, with commas between them."""
    items = []
    for i in range(250):
        words = [WORDS[i % 8], WORDS[(i + 1 + i // 8 % 3) % 8], WORDS[(i + 5) % 8]]
        items.append(
            {
                "id": i + 1,
                "input": f"({i}) 낱말 {', '.join(words)} 을(를) 가나다순으로, 쉼표로 이어 쓰시오.",
                "target": ", ".join(sorted(words)),
            }
        )
    return items


GUESSED = {"ko_knowledge": ko_knowledge, "en_knowledge": en_knowledge}
ANSWERED = {"ko_reading": ko_reading, "math": mathematics, "code": code, "instruction": instruction}


def solved(model: str, task: str, count: int) -> set[int]:
    """The ids of the items that a model solves: ``count`` of them, first those with the least hash."""

    def place(item: Item) -> str:
        return hashlib.sha256(f"{model}/{task}/{item['id']}".encode()).hexdigest()

    return {item["id"] for item in sorted(ANSWERED[task](), key=place)[:count]}
