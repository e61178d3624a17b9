"""EnableRule and DisableRule of a rule that does not exist -> the error AWS answers."""

from collections.abc import Callable
from typing import Any

from ministack.services import eventbridge

from localaws.answers import Answer, error_answer
from localaws.errors import ApiError

Change = Callable[[dict[str, Any]], Answer]


def of_a_rule_that_exists(original: Change) -> Change:
    """Return ministack's change of a rule, refused where there is no such rule."""

    def change(data: dict[str, Any]) -> Answer:
        name, bus = str(data.get("Name")), data.get("EventBusName", "default")
        if eventbridge._rule_key(name, bus) not in eventbridge._rules:
            text = f"Rule {name} does not exist on EventBus {bus}."
            return error_answer(ApiError("ResourceNotFoundException", text))
        return original(data)

    return change
