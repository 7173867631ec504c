"""Reads the cases of one file, one after another."""

from __future__ import annotations

from watchword.iam._case import BrokenCase, Case
from watchword.iam._case_documents import PolicySetKey, Shelf
from watchword.iam._case_fields import Fields
from watchword.iam._case_request import read_request
from watchword.iam._case_text import CaseText, Value
from watchword.iam.compile import CompiledPolicy
from watchword.iam.outcome import Outcome
from watchword.iam.policy import Place, PolicyKind
from watchword.iam.policy_set import PolicySet


class CaseReader:
    """Reads the cases of one file, one after another."""

    def __init__(self, source: CaseText, file: str, shelf: Shelf) -> None:
        self._source = source
        self._file = file
        self._shelf = shelf

    def entry(self, item: Value, index: int) -> Case | BrokenCase:
        """Return the case at a place of the array."""
        self._shelf.begin()
        name, expect = f"case {index + 1}", None
        if isinstance(item.value, dict):
            fields = Fields(self._source, item, self._shelf)
            name = fields.text("name") or name
            outcome = fields.one_of("expect", [each.value for each in Outcome])
            expect = None if outcome is None else Outcome(outcome)
            case = self._case(fields, self._source.place(item.at), name, expect)
            if case is not None:
                return case
        else:
            self._shelf.complain(item.at, "expected a case: an object")
        return self._broken(item, name, expect)

    def _broken(self, item: Value, name: str, expect: Outcome | None) -> BrokenCase:
        place = self._source.place(item.at)
        problems = sorted(
            dict.fromkeys(self._shelf.problems),
            key=lambda each: (each.file != self._file, each.file, each.line, each.column),
        )
        return BrokenCase(
            name=name,
            file=self._file,
            line=place.line,
            column=place.column,
            expect=expect,
            problems=tuple(problems),
        )

    def _case(self, fields: Fields, place: Place, name: str, expect: Outcome | None) -> Case | None:
        """Return the case, or None when something in it is wrong (the shelf has noted what)."""
        assumptions = fields.assumptions()
        request = read_request(fields, assumptions)
        policies = self._policies(fields)
        if request is None or policies is None or expect is None or self._shelf.problems:
            return None
        return Case(
            name=name,
            file=self._file,
            line=place.line,
            column=place.column,
            request=request,
            policies=policies,
            expect=expect,
            documents=self._shelf.documents,
            assumptions=assumptions,
            source=fields.source(),
            warnings=tuple(dict.fromkeys(self._shelf.warnings)),
        )

    def _policies(self, fields: Fields) -> PolicySet | None:
        shelf = self._shelf
        identity = shelf.policies(*_several(fields, "identity_policies"), PolicyKind.IDENTITY)
        boundaries = shelf.policies(*_several(fields, "permissions_boundaries"), PolicyKind.IDENTITY)
        if len(boundaries) > 1:
            fields.complain(
                "permissions_boundaries", "expected one permissions boundary at most: AWS attaches one"
            )
        session = shelf.policies(*_several(fields, "session_policies"), PolicyKind.IDENTITY)
        endpoint = shelf.policies(*_several(fields, "endpoint_policies"), PolicyKind.ENDPOINT)
        scps = shelf.levels(*_several(fields, "service_control_policies"), PolicyKind.SERVICE_CONTROL)
        rcps = shelf.levels(*_several(fields, "resource_control_policies"), PolicyKind.RESOURCE_CONTROL)
        trust, resource = self._of_the_resource(fields)
        if shelf.problems:
            return None
        key = PolicySetKey(
            identity=identity,
            permissions_boundary=boundaries[0] if boundaries else None,
            session=session or None,
            trust=trust,
            resource=resource,
            service_control=scps,
            resource_control=rcps,
            endpoint=endpoint or None,
        )
        return shelf.policy_set(key)

    def _of_the_resource(self, fields: Fields) -> tuple[CompiledPolicy | None, CompiledPolicy | None]:
        """Return the trust policy and the resource's policy, of which a request meets one.

        A trust policy is the policy of a role, and says nothing about calls to other services than STS;
        the policy of a role may be given as `resource_policy` too. That of a KMS key is a key policy.
        """
        trust, resource = fields.get("trust_policy"), fields.get("resource_policy")
        service = (fields.action() or "").lower().partition(":")[0]
        of_role = service == "sts" and ":role/" in (fields.resource() or "")
        trusted = None if trust is None else self._one(trust, "trust_policy", PolicyKind.TRUST)
        if service != "sts":
            trusted = None
        if resource is None:
            return trusted, None
        if of_role and trust is not None:
            fields.complain("resource_policy", "expected the policy of a role once, found `trust_policy` too")
        kind = PolicyKind.KEY if service == "kms" else PolicyKind.TRUST if of_role else PolicyKind.RESOURCE
        found = self._one(resource, "resource_policy", kind)
        return (found, None) if of_role else (trusted, found)

    def _one(self, value: Value, field: str, kind: PolicyKind) -> CompiledPolicy | None:
        return self._shelf.policy(self._shelf.single(value), field, kind)


def _several(fields: Fields, name: str) -> tuple[Value | None, str]:
    return fields.get(name), name
