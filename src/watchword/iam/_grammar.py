"""The grammar of policy documents, over the JSON that `_json` read."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from watchword.errors import short
from watchword.iam._control import passes_everything, resource_control_problems
from watchword.iam._nodes import Broken, Node, Object, String
from watchword.iam._shapes import Shapes, listed
from watchword.iam._syntax import (
    WILD_NAME,
    WILD_PRINCIPAL,
    WILD_SERVICE,
    action_problem,
    principal_problem,
    resource_problem,
    service_problem,
)
from watchword.iam.operators import read_operator
from watchword.iam.policy import (
    Condition,
    Effect,
    Lines,
    Located,
    NamedPrincipal,
    Operator,
    Policy,
    PolicyKind,
    PrincipalType,
    Statement,
    Version,
)

_Check: TypeAlias = Callable[[str], str | None]

_POLICY: Final = ("Version", "Id", "Statement")
_STATEMENT: Final = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)
_PRINCIPALS: Final = tuple(each.value for each in PrincipalType if each is not PrincipalType.ANYONE)
_VERSIONS: Final = frozenset(Version)
_EFFECTS: Final = frozenset(Effect)
_SID: Final = re.compile(r"[0-9A-Za-z]*")
_STORED_BY_IAM: Final = frozenset({PolicyKind.IDENTITY, PolicyKind.TRUST})
_LATIN_ONLY: Final = _STORED_BY_IAM | {PolicyKind.KEY}
_OF_ORGANIZATIONS: Final = frozenset({PolicyKind.SERVICE_CONTROL, PolicyKind.RESOURCE_CONTROL})
_WITHOUT_PRINCIPAL: Final = frozenset({PolicyKind.IDENTITY, PolicyKind.SERVICE_CONTROL})
_WITHOUT_NOT_PRINCIPAL: Final = frozenset({PolicyKind.TRUST, PolicyKind.RESOURCE_CONTROL})
_RESOURCE_REQUIRED: Final = frozenset(
    {PolicyKind.IDENTITY, PolicyKind.SERVICE_CONTROL, PolicyKind.RESOURCE_CONTROL}
)
_NAMES: Final[dict[PolicyKind | None, str]] = {
    None: "this policy",
    PolicyKind.IDENTITY: "an identity policy",
    PolicyKind.TRUST: "a trust policy",
    PolicyKind.RESOURCE: "a resource policy",
    PolicyKind.KEY: "a key policy",
    PolicyKind.ENDPOINT: "an endpoint policy",
    PolicyKind.SERVICE_CONTROL: "a service control policy",
    PolicyKind.RESOURCE_CONTROL: "a resource control policy",
}
_NAMES_NOBODY: Final = frozenset({WILD_PRINCIPAL, WILD_NAME})
_NOT_ALLOWED: Final = re.compile(r"[^\t\n\r\x20-\xff]")


class Grammar(Shapes):
    """Turns one JSON tree into a policy."""

    def __init__(self, *, name: str, kind: PolicyKind | None, lines: Lines) -> None:
        super().__init__()
        self._name = name
        self._kind = kind
        self._lines = lines
        self._sids: set[str] = set()

    def check_characters(self, text: str) -> None:
        """Complain of characters that IAM and KMS do not take (other services take them in their policies).

        Source: IAM API Reference, the pattern of PolicyDocument; KMS API Reference, PutKeyPolicy (`Policy`).
        """
        if self._kind not in _LATIN_ONLY:
            return
        for found in _NOT_ALLOWED.finditer(text):
            self.refuse(found.start(), f"a character up to U+00FF, found U+{ord(found.group()):04X}")

    def policy(self, root: Node) -> Policy | None:
        """Return the policy, or None when there is too little to make one of."""
        members = self.members(root, _POLICY, "a policy document: an object")
        if members is None:
            return None
        version = self._version(members.get("Version"), root)
        policy_id = self._optional_text(members.get("Id"))
        if "Statement" not in members:
            self.expect(root.offset, "`Statement` in the policy")
            return None
        nodes = listed(members["Statement"])
        if not nodes:
            self.refuse(members["Statement"].offset, "at least one statement")
        found = [self._statement(node, index) for index, node in enumerate(nodes)]
        statements = tuple(each for each in found if each is not None)
        if self._kind is PolicyKind.RESOURCE_CONTROL and not passes_everything(statements):
            for offset, message in resource_control_problems(statements):
                self.refuse(offset, message)
        return Policy(
            name=self._name,
            kind=self._kind,
            version=version,
            id=policy_id,
            statements=statements,
            lines=self._lines,
        )

    def _statement(self, node: Node, index: int) -> Statement | None:
        members = self.members(node, _STATEMENT, "a statement: an object")
        if members is None:
            return None
        required = self._kind is not PolicyKind.KEY
        actions, not_action = self._either(members, "Action", node.offset, required=required)
        self._check_each(actions, action_problem)
        if not_action and self._kind is PolicyKind.RESOURCE_CONTROL:
            self.refuse(members["NotAction"].offset, f"no `NotAction` in {self._called()}")
        resources, not_resource = self._resources(members, node.offset)
        principals, not_principal = self._who(members, node.offset)
        return Statement(
            sid=self._sid(members.get("Sid")),
            index=index,
            offset=node.offset,
            end=node.end if isinstance(node, Object) else node.offset,
            effect=self._effect(members, node.offset),
            effect_at=members["Effect"].offset if "Effect" in members else node.offset,
            actions=actions or (),
            not_action=not_action,
            resources=resources,
            not_resource=not_resource,
            principals=principals,
            not_principal=not_principal,
            conditions=self._conditions(members.get("Condition")),
        )

    # -- single elements

    def _version(self, node: Node | None, root: Node) -> Version:
        """Return the version; the policies of an organization must say `2012-10-17`.

        Source: IAM User Guide, reference_policies_elements_version; Organizations User Guide,
        orgs_manage_policies_scps_syntax and orgs_manage_policies_rcps_syntax (`Version`).
        """
        organization = self._kind in _OF_ORGANIZATIONS
        if node is None:
            if organization:
                self.refuse(root.offset, f'`"Version": "2012-10-17"` in {self._called()}')
            return Version.V2008
        if isinstance(node, String) and node.text in _VERSIONS:
            version = Version(node.text)
            if organization and version is not Version.V2012:
                self.refuse(node.offset, f'`"2012-10-17"` in {self._called()}')
            return version
        if not isinstance(node, Broken):
            self.expect(node.offset, '`"2012-10-17"` or `"2008-10-17"`')
        return Version.V2008

    def _effect(self, members: dict[str, Node], offset: int) -> Effect:
        node = members.get("Effect")
        if isinstance(node, String) and node.text in _EFFECTS:
            return Effect(node.text)
        if node is None:
            self.expect(offset, "`Effect` in the statement")
        elif not isinstance(node, Broken):
            self.expect(node.offset, '`"Allow"` or `"Deny"`')
        return Effect.DENY

    def _sid(self, node: Node | None) -> str | None:
        sid = self._optional_text(node)
        if sid is None or node is None:
            return None
        if self._kind in _STORED_BY_IAM and not _SID.fullmatch(sid):
            self.refuse(node.offset, "a Sid of letters and digits only")
        if sid and sid in self._sids:
            self.refuse(node.offset, f"a Sid that no other statement has, found `{short(sid)}` again")
        self._sids.add(sid)
        return sid

    def _optional_text(self, node: Node | None) -> str | None:
        if node is None or isinstance(node, Broken):
            return None
        if isinstance(node, String):
            return node.text
        self.expect(node.offset, "a string")
        return None

    # -- who, what, on what

    def _either(
        self, members: dict[str, Node], element: str, offset: int, *, required: bool
    ) -> tuple[tuple[Located, ...] | None, bool]:
        """Read an element or its `Not…` twin: the values (None: neither is there) and which it was."""
        twin = f"Not{element}"
        if element in members and twin in members:
            self.expect(members[twin].offset, f"either `{element}` or `{twin}`, found both")
        node = members.get(element, members.get(twin))
        if node is None:
            if required:
                self.expect(offset, f"`{element}` or `{twin}` in the statement")
            return None, False
        texts = self.texts(node, f"`{element}`")
        return texts, element not in members

    def _resources(self, members: dict[str, Node], offset: int) -> tuple[tuple[Located, ...] | None, bool]:
        """Return the resources and whether they are those of `NotResource`.

        Source: IAM User Guide, reference_policies_grammar; KMS API Reference, PutKeyPolicy (`Policy`): a
        statement of a key policy without `Resource` or `Action` is stored and has no effect.
        """
        named = "Principal" in members or "NotPrincipal" in members
        if self._kind is PolicyKind.TRUST:
            for element in ("Resource", "NotResource"):
                if element in members:
                    self.refuse(members[element].offset, f"no `{element}` in {self._called()}")
        required = self._kind in _RESOURCE_REQUIRED or (self._kind is None and not named)
        resources, negated = self._either(members, "Resource", offset, required=required)
        if resources is None and self._kind is PolicyKind.KEY:
            return (), False
        effect = members.get("Effect")
        if not negated and isinstance(effect, String) and effect.text == Effect.ALLOW:
            resources = self._without_wild_services(resources)
        self._check_each(resources, resource_problem)
        return resources, negated

    def _without_wild_services(self, resources: tuple[Located, ...] | None) -> tuple[Located, ...] | None:
        """Leave out what an Allow names without its service: that allows nothing."""
        if resources is None:
            return None
        wild = [each for each in resources if resource_problem(each.text) == WILD_SERVICE]
        for each in wild:
            self.refuse(each.offset, f"{WILD_SERVICE}, found `{short(each.text)}`")
        return tuple(each for each in resources if each not in wild)

    def _who(self, members: dict[str, Node], offset: int) -> tuple[tuple[NamedPrincipal, ...] | None, bool]:
        present = [element for element in ("Principal", "NotPrincipal") if element in members]
        if self._kind in _WITHOUT_PRINCIPAL:
            for element in present:
                self.expect(members[element].offset, f"no `{element}` in {self._called()}")
            return None, False
        if not present:
            if self._kind is not None:
                self.expect(offset, "`Principal` in the statement")
            return None, False
        if len(present) == 2:
            self.expect(members["NotPrincipal"].offset, "either `Principal` or `NotPrincipal`, found both")
        if self._kind in _WITHOUT_NOT_PRINCIPAL and "NotPrincipal" in members:
            self.expect(members["NotPrincipal"].offset, f"no `NotPrincipal` in {self._called()}")
        effect = members.get("Effect")
        if "NotPrincipal" in members and isinstance(effect, String) and effect.text == Effect.ALLOW:
            self.expect(members["NotPrincipal"].offset, "`NotPrincipal` only with `Deny`")
        return self._principals(members[present[0]]), present[0] == "NotPrincipal"

    def _principals(self, node: Node) -> tuple[NamedPrincipal, ...]:
        if isinstance(node, String):
            if node.text != "*":
                self.expect(node.offset, '`"*"` or an object such as `{"AWS": "…"}`')
            return (NamedPrincipal(type=PrincipalType.ANYONE, name=node),)
        members = self.members(node, _PRINCIPALS, '`"*"` or an object such as `{"AWS": "…"}`') or {}
        found = []
        for key, value in members.items():
            type_ = PrincipalType(key)
            names = self.texts(value, f"`{key}`")
            self._check_each(names, principal_problem if type_ is PrincipalType.AWS else service_problem)
            found += [NamedPrincipal(type=type_, name=name) for name in names]
        if isinstance(node, Object) and not node.members:
            self.refuse(node.offset, "at least one principal")
        return tuple(found)

    def _check_each(self, texts: tuple[Located, ...] | None, problem: _Check) -> None:
        for located in texts or ():
            if (expected := problem(located.text)) is not None:
                say = self.refuse if expected in _NAMES_NOBODY else self.expect
                say(located.offset, f"{expected}, found `{short(located.text)}`")

    # -- conditions

    def _conditions(self, node: Node | None) -> tuple[Condition, ...]:
        if node is None or isinstance(node, Broken):
            return ()
        if not isinstance(node, Object):
            self.expect(node.offset, "an object of condition operators")
            return ()
        found: list[Condition] = []
        for name, keys in node.members:
            operator = read_operator(name.text)
            if isinstance(operator, str):
                self.complain(name.offset, operator)
            else:
                found += self._keys(operator, name.offset, keys)
        return tuple(found)

    def _keys(self, operator: Operator, operator_at: int, node: Node) -> list[Condition]:
        if not isinstance(node, Object):
            if not isinstance(node, Broken):
                self.expect(node.offset, f"an object of condition keys under `{operator}`")
            return []
        found = []
        for name, values in node.members:
            if ":" not in name.text:
                self.expect(
                    name.offset,
                    f"a condition key with its service, such as `aws:…`, found `{short(name.text)}`",
                )
            texts = self.values(values)
            found.append(
                Condition(
                    operator=operator,
                    operator_at=operator_at,
                    key=name,
                    values=tuple(each.text for each in texts),
                    values_at=tuple(each.offset for each in texts),
                )
            )
        return found

    def _called(self) -> str:
        return _NAMES[self._kind]
