"""Policies that nobody would write, for tests that must hold for all."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from lint.documents import AGE, PRESENT
from watchword.iam.operators import OPERATORS

ACTIONS = [
    "*",
    "ec2:StopInstances",
    "ec2:*",
    "iam:*",
    "iam:EnableMFADevice",
    "iam:CreateVirtualMFADevice",
    "iam:*MFADevice",
    "sts:GetSessionToken",
    "nosuch:Thing",
]
KEYS = [
    PRESENT,
    PRESENT.lower(),
    AGE,
    "aws:MFAPresent",
    "aws:username",
    "aws:SecureTransport",
    "x:y",
    "a:b/c",
]
RESOURCES = ["*", "**", "arn:aws:iam::*:mfa/${aws:username}", "arn:aws:iam::*:mfa/*", "arn:aws:s3:::b/*"]
PRINCIPALS = [
    "*",
    {"AWS": "*"},
    {"AWS": "arn:aws:iam::864213570975:root"},
    {"AWS": "arn:aws:iam::864213570975:user/alice"},
    {"Service": "ec2.amazonaws.com"},
]

_values = st.one_of(
    st.sampled_from(["true", "false", "TRUE", " true", "yes", "3600", "0", "1h", "", "${aws:x}", "²"]),
    st.booleans(),
    st.integers(-1, 10**30),
    st.text(max_size=3),
)
_operators = st.builds(
    lambda quantifier, name, optional: f"{quantifier}{name}{optional if name != 'Null' else ''}",
    st.sampled_from(["", "", "", "ForAllValues:", "ForAnyValue:"]),
    st.sampled_from(["Bool", "Null", "NumericLessThan", "NumericGreaterThan", "StringEquals", *OPERATORS]),
    st.sampled_from(["", "IfExists"]),
)
_conditions = st.dictionaries(
    _operators,
    st.dictionaries(st.sampled_from(KEYS), st.one_of(_values, st.lists(_values, max_size=2)), max_size=2),
    max_size=3,
)


@st.composite
def statements(draw: st.DrawFn, *, trust: bool = False) -> dict[str, object]:
    statement: dict[str, object] = {"Effect": draw(st.sampled_from(["Allow", "Deny"]))}
    element = draw(st.sampled_from(["Action", "Action", "NotAction"]))
    statement[element] = draw(st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=3))
    if trust:
        statement["Principal"] = draw(st.sampled_from(PRINCIPALS))
    else:
        where = draw(st.sampled_from(["Resource", "Resource", "NotResource"]))
        statement[where] = draw(st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=2))
    statement["Condition"] = draw(_conditions)
    return statement


@st.composite
def documents(draw: st.DrawFn) -> str:
    listed = draw(st.lists(statements(trust=draw(st.booleans())), min_size=1, max_size=3))
    version = draw(st.sampled_from(["2012-10-17", "2008-10-17"]))
    indent = draw(st.sampled_from([None, 2, "\t"]))
    return json.dumps(
        {"Version": version, "Statement": listed}, indent=indent, ensure_ascii=draw(st.booleans())
    )
