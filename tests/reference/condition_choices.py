"""Random conditions and contexts: few keys, and for each the values that meet, and those that nearly do."""

from reference.choices import Choices
from reference.reading import JsonObject
from reference.scenes import HERE

_STRINGS = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
]
_RELATIONS = ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"]
_NUMBERS = [f"Numeric{relation}" for relation in _RELATIONS]
_DATES = [f"Date{relation}" for relation in _RELATIONS]
_ADDRESSES = ["IpAddress", "NotIpAddress"]
_ARNS = ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"]
OPERATORS = [*_STRINGS, *_NUMBERS, *_DATES, *_ADDRESSES, *_ARNS, "Bool", "BinaryEquals", "Null"]
_SETS = ["ForAllValues:", "ForAnyValue:"]
_PRESENT, _AGE = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"

# Each key: its operators, values that a policy gives, values that a request has.
# Left out, as nothing says how AWS reads them: numbers and dates with blanks around them, dates without a
# zone, base64 that is not canonical, and ARNs with an empty first, second or last part.
_KEYS: dict[str, tuple[list[str], list[str], list[str]]] = {
    "aws:username": (
        _STRINGS,
        ["alice", "Alice", "ali*", "a?ice", "", "bob", "${aws:PrincipalTag/team}", "x${*}"],
        ["alice", "alice", "bob", "ALICE", "", "x*"],
    ),
    "aws:PrincipalTag/team": (
        _STRINGS,
        ["red", "r*", "${aws:username}", "${aws:username, 'red'}-*", "[red]", "\U0001f600", "??", "ΟΔΟΣ"],
        ["red", "Red", "red-1", "alice", "*", "\U0001f600", "οδος", "alice"],
    ),
    "aws:TagKeys": (
        [quantifier + name for quantifier in _SETS for name in _STRINGS],
        ["a", "b", "A", "a*", "?", ""],
        ["a", "b", "ab", "A", ""],
    ),
    "s3:max-keys": (
        _NUMBERS,
        ["10", "10.0", "9", "1e1", "-1", "9007199254740993", "ten"],
        ["10", "10.00", "9", "11", "9007199254740992", "ten", "", "NaN"],
    ),
    "aws:CurrentTime": (
        _DATES,
        [
            "2026-01-01",
            "2026-01-01T00:00:00Z",
            "2026-01-01T01:00:00+01:00",
            "1767225600",
            "2026-01",
            "2026-13-01",
        ],
        [
            "2026-01-01T00:00:00Z",
            "2026-01-01T00:00:00.0009Z",
            "2026-01-01T00:00:01Z",
            "1767225599",
            "soon",
        ],
    ),
    "aws:SourceIp": (
        _ADDRESSES,
        [
            "10.0.0.0/8",
            "10.1.2.3/8",
            "010.001.000.000/016",
            "10.1.0.1",
            "::/0",
            "2001:db8::/32",
            "2001:db8::1/32",
            "10.0.0.0/33",
        ],
        [
            "10.1.0.1",
            "10.2.0.1",
            "11.0.0.1",
            "::ffff:10.1.0.1",
            "2001:db8::1",
            "2001:DB8:0::1",
            "nowhere",
            "10.1.0.01",
        ],
    ),
    "aws:SourceArn": (
        _ARNS,
        [
            f"arn:aws:sns:us-east-1:{HERE}:topic",
            "arn:aws:sns:*:*:topic",
            "arn:aws:sns:*:topic",
            "arn:aws:sns:us-east-?:*:t*",
            "arn:aws:*:*:*:*",
            "arn:aws:sns:*:*:${aws:username}",
            "arn:aws:sns",
        ],
        [
            f"arn:aws:sns:us-east-1:{HERE}:topic",
            f"arn:aws:sns:us-east-1:{HERE}:alice",
            "arn:aws:sns:us-east-1::a:b",
            "topic",
            "",
        ],
    ),
    "aws:PrincipalArn": (
        _ARNS,
        [f"arn:aws:iam::{HERE}:user/alice", f"arn:aws:iam::{HERE}:role/ops", "arn:aws:iam::*:role/*"],
        [],
    ),
    "aws:SecureTransport": (
        ["Bool"],
        ["true", "false", "TRUE", "yes"],
        ["true", "false", "True", "yes", ""],
    ),
    "app:Blob": (["BinaryEquals"], ["QUJD", "QUJE"], ["QUJD", "QUJE", "!"]),
    _PRESENT: (["Bool"], ["true", "false"], []),
    _AGE: (_NUMBERS, ["3600", "0", "300"], ["3600", "3601", "0", "10"]),
}
_KEYS_TO_ASK = [*_KEYS, _PRESENT, _PRESENT, _AGE]


def condition_block(choices: Choices) -> JsonObject | None:
    """Choose a Condition element, or none."""
    block: JsonObject = {}
    for _ in range(choices.one_of([0, 0, 0, 1, 1, 2])):
        key, operator, values = _condition(choices)
        keys = block.setdefault(operator, {})
        # Two spellings of one key under one operator are left out: AWS does not say what they mean.
        if key.lower() not in {other.lower() for other in keys}:
            keys[key] = values
    return block or None


def _condition(choices: Choices) -> tuple[str, str, object]:
    key = choices.one_of(_KEYS_TO_ASK)
    operators, values, _ = _KEYS[key]
    operator = choices.one_of(operators)
    if choices.once_in(12):
        operator = choices.one_of(_others(key))
    if choices.once_in(12):
        operator = "Null"
    if operator == "Null":
        values = ["true", "false"]
    elif choices.once_in(4):
        operator += "IfExists"
    if ":" not in operator and choices.once_in(12):
        operator = choices.one_of(_SETS) + operator
    least = 0 if "Null" not in operator and choices.once_in(20) else 1
    if operator.removesuffix("IfExists").endswith(("ArnNotEquals", "ArnNotLike")):
        # A malformed ARN in a Deny "counts as matching": whether its negation does, too, nobody says.
        values = [value for value in values if value.count(":") >= 5]
    listed = choices.some_of(values or _KEYS["aws:SourceArn"][1][:1], least, 2)
    if choices.once_in(6):
        key = choices.one_of([key.lower(), key.upper()])
    return key, operator, _as_json(choices, listed)


def _others(key: str) -> list[str]:
    """List the operators that a key may meet although they are of another family.

    Whether epoch seconds may have a sign, a fraction or an exponent, nobody says; nor what text is to
    BinaryEquals that is no base64.
    """
    left_out = ("Date", "Binary") if key == "s3:max-keys" else ("Binary",)
    return [name for name in OPERATORS if not name.startswith(left_out)]


def _as_json(choices: Choices, listed: list[str]) -> object:
    if len(listed) != 1 or choices.once_in(2):
        return listed
    value = listed[0]
    if value in {"true", "false"} and choices.once_in(2):
        return value == "true"
    return int(value) if value.isdigit() and value[0] != "0" and choices.once_in(2) else value


def context_keys(choices: Choices, credential: str | None) -> JsonObject:
    """Choose `context` and `unknown`. The MFA keys are given where no credential gives them."""
    context: JsonObject = {}
    unknown: list[str] = []
    for key, (operators, _, values) in _KEYS.items():
        if key in {_PRESENT, _AGE, "aws:PrincipalArn"}:
            continue
        state = choices.number(20)
        several = operators[0].startswith(_SETS[0])
        if state == 19 and len(unknown) < 2:
            unknown.append(key)
        elif state > 6 and choices.once_in(2 if several else 20):
            context[key] = choices.some_of(values, 1, 3)
        elif state > 6:
            context[key] = choices.one_of(values)
    if choices.once_in(20) and "aws:PrincipalTag/team" not in unknown:
        # A second spelling of a tag's key: nobody knows which of the two counts.
        context["aws:PrincipalTag/Team"] = choices.one_of(_KEYS["aws:PrincipalTag/team"][2])
    _mfa_keys(choices, credential, context, unknown)
    return {"context": context, "unknown": unknown} if unknown else {"context": context}


def _mfa_keys(choices: Choices, credential: str | None, context: JsonObject, unknown: list[str]) -> None:
    if credential is not None:
        if credential.endswith("-mfa") and credential != "login-mfa" and not choices.once_in(4):
            context[_AGE] = choices.one_of(_KEYS[_AGE][2])
        return
    state = choices.one_of(["absent", "false", "true", "true", "true", "unknown"])
    if state == "unknown":
        unknown += choices.one_of([[_PRESENT], [_PRESENT, _AGE]])
    elif state != "absent":
        context[_PRESENT] = state
    if state == "true":
        context[_AGE] = choices.one_of(_KEYS[_AGE][2])
