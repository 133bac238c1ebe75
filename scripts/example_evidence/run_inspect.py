"""One model on item sets of inspect_ai, answered by its mock model; run by make.py inside the tools' environment.

    python run_inspect.py MODEL FOLDER task=count[:format] ...

``count`` items are answered rightly, the others with 모름 (does not know). The logs lie in FOLDER, named after the
item set, in the format eval (the default) or json.
"""

from __future__ import annotations

import sys
from pathlib import Path

import items
from inspect_ai import Task, eval  # noqa: A004 -- the tool's own name
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessage, GenerateConfig, ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import choice, match
from inspect_ai.solver import generate, multiple_choice
from inspect_ai.tool import ToolChoice, ToolInfo


def run(model: str, folder: Path, name: str, count: int, log_format: str) -> None:
    """Write the log of one model on one item set."""
    asked = items.ANSWERED[name]()
    known = items.solved(model, name, count)
    chosen = "choices" in asked[0]
    answers = {item["input"]: item["target"] for item in asked if item["id"] in known}

    def answer(
        messages: list[ChatMessage], _tools: list[ToolInfo], _choice: ToolChoice, _config: GenerateConfig
    ) -> ModelOutput:
        text = messages[-1].text
        right = next((target for question, target in answers.items() if question in text), None)
        said = "모름" if right is None else (f"ANSWER: {right}" if chosen else right)
        output = ModelOutput.from_content(model=model, content=said)
        # Where no usage is given, the mock model fetches a tokenizer from the network to count tokens.
        output.usage = ModelUsage(input_tokens=len(text), output_tokens=len(said), total_tokens=len(text) + len(said))
        return output

    samples = [
        Sample(id=item["id"], input=item["input"], target=item["target"], choices=item.get("choices")) for item in asked
    ]
    task = Task(
        name=name,
        dataset=MemoryDataset(samples, name=name),
        solver=multiple_choice() if chosen else generate(),
        scorer=choice() if chosen else match(location="exact"),
        version=1,
    )
    (log,) = eval(
        task,
        model=get_model(f"mockllm/{model}", custom_outputs=answer),
        log_dir=str(folder),
        log_format="json" if log_format == "json" else "eval",
        log_samples=False,
        display="none",
    )
    if log.status != "success" or log.results is None:
        sys.exit(f"{model}: {name}: {log.status}: {log.error}")
    got = log.results.scores[0].metrics["accuracy"].value
    if abs(got * len(asked) - count) > 1e-6:
        sys.exit(f"{model}: {name}: {got * len(asked)} solved instead of {count}")
    print(f"{model}: {name}: {count}/{len(asked)}")


def main() -> None:
    """Run every item set that is named."""
    model, folder, *wanted = sys.argv[1:]
    for entry in wanted:
        name, _, rest = entry.partition("=")
        count, _, log_format = rest.partition(":")
        run(model, Path(folder), name, int(count), log_format or "eval")


if __name__ == "__main__":
    main()
