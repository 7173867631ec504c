"""How a statement is called."""

from __future__ import annotations

from watchword.iam.references import StatementRef


def test_a_statement_is_called_by_its_policy_its_place_and_its_sid_or_number() -> None:
    named = StatementRef(policy="mfa.json", sid="DenyAll", index=0, line=3, column=5)
    assert str(named) == "mfa.json:3:5 (DenyAll)"
    for sid in (None, ""):
        unnamed = StatementRef(policy="mfa.json", sid=sid, index=1, line=9, column=2)
        assert str(unnamed) == "mfa.json:9:2 (statement 1)"
