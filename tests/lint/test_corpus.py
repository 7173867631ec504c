"""AWS's own policies: what is reported there is either their mistake or ours."""

import json
from collections import Counter

from moto.iam.aws_managed_policies import aws_managed_policies_data

from lint.examined import look
from watchword.lint import Severity

MANAGED = json.loads(aws_managed_policies_data)
SAMPLE = dict(list(MANAGED.items())[::30])


def test_few_policies_of_aws_have_a_warning_and_none_an_error() -> None:
    worst: Counter[Severity | None] = Counter()
    for name, policy in SAMPLE.items():
        found = {each.severity for each in look(name, json.dumps(policy["Document"], indent=2)).findings}
        assert Severity.ERROR not in found, name
        worst[Severity.WARNING if Severity.WARNING in found else None] += 1
    assert len(SAMPLE) > 50
    assert worst[Severity.WARNING] < len(SAMPLE) / 12


def test_every_fix_that_is_offered_for_them_leaves_a_policy_with_nothing_to_fix() -> None:
    for name, policy in SAMPLE.items():
        text = json.dumps(policy["Document"], indent=2)
        after, _ = look(name, text).fixed(look)
        assert look(name, after).fixed(look) == (after, 0)
        assert [each["Effect"] for each in _statements(after)] == [
            each["Effect"] for each in _statements(text)
        ]


def _statements(text: str) -> list[dict[str, object]]:
    found = json.loads(text)["Statement"]
    return found if isinstance(found, list) else [found]
