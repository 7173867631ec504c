"""One request's way: who signed, who is that, what is called, may they, and what comes of it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from watchword.sandbox.accounts import Accounts
from watchword.sandbox.athena import Athena
from watchword.sandbox.authorise.call import Call
from watchword.sandbox.authorise.caller_defaults import with_caller
from watchword.sandbox.authorise.gate import Gate
from watchword.sandbox.authorise.refuse import ItemsRefused
from watchword.sandbox.authorise.required import prefix_of
from watchword.sandbox.clock import SandboxClock
from watchword.sandbox.cloudformation.service import CloudFormation
from watchword.sandbox.deliveries import Deliveries
from watchword.sandbox.encryption.behind import Encryption
from watchword.sandbox.forward import Forward
from watchword.sandbox.function_code import FunctionCode
from watchword.sandbox.identity.caller import identify_caller
from watchword.sandbox.identity.devices import Devices
from watchword.sandbox.identity.directory import LongTermKey
from watchword.sandbox.identity.mfa import MfaOperations
from watchword.sandbox.identity.phone import Phone
from watchword.sandbox.identity.sessions import Sessions
from watchword.sandbox.identity.sts import OPERATIONS as STS_OPERATIONS
from watchword.sandbox.identity.sts import Sts
from watchword.sandbox.keeping import Keeper, NotKept
from watchword.sandbox.kept import Store
from watchword.sandbox.log import DecisionLog
from watchword.sandbox.plane.last_used import LastUsed
from watchword.sandbox.plane.moto import Moto
from watchword.sandbox.plane.organization_calls import OrganizationCalls
from watchword.sandbox.plane.organization_rules import refuse_outsiders
from watchword.sandbox.plane.plane import Plane
from watchword.sandbox.plane.refused import refuse_unsafe
from watchword.sandbox.process_log import note, places_of
from watchword.sandbox.signin.federation import Federation, is_federation
from watchword.sandbox.trail.delivery import Trail
from watchword.sandbox.trail.event import Finished
from watchword.sandbox.turns import Turns
from watchword.sandbox.wire.error import AwsError, SandboxRefusal, denied, missing_token
from watchword.sandbox.wire.operation import Operation, identify
from watchword.sandbox.wire.render import WireResponse, render_error, render_result
from watchword.sandbox.wire.request import WireRequest
from watchword.sandbox.wire.scope import dialect_of
from watchword.sandbox.wire.sigv4 import read_signature, verify

PARTITION = "aws"
# What identity policies decide of STS; AssumeRole is decided when its code was checked.
_STS_BY_POLICY = frozenset({"GetAccessKeyInfo", "GetFederationToken"})
_OBJECT_READS = frozenset({"GetObject", "HeadObject"})


class Sandbox:
    """The accounts, in this process. `answer` takes a request and returns what AWS would. Thread-safe.

    `account` is the number of the one that it is started with, whose root has `root_key`; `accounts` has all.
    `host` is where it can be reached (`127.0.0.1:4566`). `propagation_delay` is how long STS does not
    see a new device yet. `trail` is handed every call that AWS would write into CloudTrail.
    `begun_at` is when its accounts began to be; now, if None. With `unlisted_allowed` operations that are in
    no table run for anybody with valid credentials, undecided.
    """

    def __init__(
        self,
        *,
        account: str,
        root_key: LongTermKey,
        host: str,
        clock: SandboxClock,
        log: DecisionLog,
        propagation_delay: timedelta = timedelta(0),
        trail: Trail | None = None,
        begun_at: datetime | None = None,
        unlisted_allowed: bool = False,
    ) -> None:
        self.account = account
        self.trail = trail
        self.clock = clock
        self.log = log
        self.moto = Moto(host=host, started_at=begun_at)
        self._host = host
        self._root_key = root_key
        self._propagation_delay = propagation_delay
        self._unlisted_allowed = unlisted_allowed
        self._turns = Turns()
        self.keeper: Keeper = NotKept()
        self._begin()

    def _begin(self) -> None:
        """Make everything that remembers something: whatever is made here begins anew with `reset`."""
        clock, log, host = self.clock, self.log, self._host
        self.accounts = Accounts(home=self.account, root_key=self._root_key, partition=PARTITION)
        self.directory = self.accounts.home.directory
        self.devices = Devices(
            clock=clock, directory=self.accounts, propagation_delay=self._propagation_delay
        )
        self.phone = Phone(devices=self.devices, clock=clock)
        self._sessions = Sessions(clock=clock)
        self._sts = Sts(clock=clock, directory=self.accounts, devices=self.devices, sessions=self._sessions)
        self._mfa = MfaOperations(devices=self.devices, directory=self.accounts)
        self.last_used = LastUsed()
        self.organizations = OrganizationCalls(moto=self.moto, accounts=self.accounts)
        self._plane = Plane(
            moto=self.moto,
            directory_of=self.accounts.directory_of,
            organizations=self.organizations,
            clock=clock,
            devices=self.devices,
            last_used=self.last_used,
        )
        self._federation = Federation(directory=self.accounts, sessions=self._sessions, clock=clock, log=log)
        self._gate = Gate(
            partition=PARTITION,
            store=self.directory,
            clock=clock,
            log=log,
            unlisted_allowed=self._unlisted_allowed,
        )
        self.forward = Forward(gate=self._gate, run=self._authorised, host=host)
        self.forward.recorded = self._record
        self._deliveries = Deliveries(gate=self._gate)
        self._function_code = FunctionCode(forward=self.forward, directory_of=self.accounts.directory_of)
        self._encryption = Encryption(forward=self.forward, directory_of=self.accounts.directory_of)
        self.athena = Athena(forward=self.forward)
        self.cloudformation = CloudFormation(
            forward=self.forward,
            gate=self._gate,
            directory=self.accounts,
            clock=clock,
            partition=PARTITION,
            host=host,
        )

    def load(self) -> None:
        """Import what is slow ahead of the first request that needs it."""
        from watchword.sandbox.warm import warm_up

        self.moto.load()
        warm_up()

    def add_account(
        self, account_id: str | None = None, *, name: str = "", member: bool = False
    ) -> LongTermKey:
        """Add an account, by a random number without one; return the key of its root.

        A `member` joins the organization of the sandbox's own account, which is made if it is missing. An
        account that an organization made, without a key of its root, gets one.
        Raises ValueError: it is no account number, or there is an account of that number already.
        """
        with self._turns.together(), self.keeper.change(None):
            self.moto.load()
            if member:
                self.organizations.refuse_without_manager()
            there = None if account_id is None else self.accounts.of(account_id)
            if there is not None and there.directory.root_key is None and not member:
                made = self.accounts.give_root_key(there.id)
            else:
                made = self.accounts.create(account_id, name=name)
            if member:
                self.organizations.join(made)
        assert made.root_key is not None  # noqa: S101 - it was asked for
        return made.root_key

    def has(self, service: str, operation: str) -> bool:
        """Tell whether an operation (botocore's names) is there, whoever may call it."""
        match service:
            case "sts":
                return operation in STS_OPERATIONS
            case "cloudformation":
                return operation in self.cloudformation.names
            case _:
                own = self._mfa.names if service == "iam" else frozenset()
                return operation in own or self._plane.has(service, operation)

    def stores(self) -> tuple[Store, ...]:
        """Return what is to be kept, other than moto's: whatever else remembers something belongs here."""
        return (
            self.clock.store(),
            self.accounts.store(),
            *self.devices.stores(),
            self._sessions.store(),
            self._federation.store(),
            *self._plane.stores(),
            *self.last_used.stores(),
            *self.cloudformation.stacks.stores(),
            *self.athena.stores(),
        )

    def reset(self) -> None:
        """Go back to how it was started: same root key and address, and nothing else that it had.

        Waits for the requests that are being answered. Raises StillAnswering when they do not end.
        """
        with self._turns.alone(), self.keeper.change(None):
            self.moto.forget()
            self.clock.reset()
            self.log.forget()
            self._begin()
            self.keeper.begun_anew()

    def answer(self, request: WireRequest) -> WireResponse:
        """Return AWS's answer. Never raises."""
        with self._turns.together():
            return self._answer_or_fail(request)

    def _answer_or_fail(self, request: WireRequest) -> WireResponse:
        request_id = str(uuid.uuid4())
        seen: list[Operation] = []
        try:
            self.moto.load()
            response = self._answer(request, request_id, seen)
        except AwsError as error:
            response = render_error(error, seen[0] if seen else None, request, request_id=request_id)
        except Exception as error:
            note(f"{request_id} failed: {places_of(error)}")
            failure = AwsError(
                "InternalFailure",
                "The request processing has failed because of an unknown error, exception or failure.",
                status=500,
            )
            response = render_error(failure, seen[0] if seen else None, request, request_id=request_id)
        return _with_request_id(response, request_id)

    def _answer(self, request: WireRequest, request_id: str, seen: list[Operation]) -> WireResponse:
        if is_federation(request):
            with self.keeper.change(None):
                return self._federation.answer(request, request_id=request_id)
        signature = read_signature(request)
        if signature is None:
            raise missing_token(dialect_of(request))
        identified = identify_caller(
            signature.access_key_id,
            signature.session_token,
            directory=self.accounts,
            sessions=self._sessions,
            dialect=signature.dialect,
        )
        operation, unidentified = _identified(request)
        if operation is not None:
            seen.append(operation)
        verify(
            request,
            signature,
            secret_access_key=identified.secret_access_key,
            now=self.clock.signature_now(),
            unsigned_payload=operation is not None and operation.unsigned_payload,
        )
        if operation is None:
            raise unidentified or missing_token(signature.dialect)
        call = Call(operation=operation, request=request, caller=identified.caller, request_id=request_id)
        with self.keeper.change(operation):
            self.last_used.called(
                call.caller, service=prefix_of(operation), region=operation.region, at=self.clock.now()
            )
            return self._recorded(call)

    def _recorded(self, call: Call) -> WireResponse:
        """Run a call, and hand its outcome to the trail."""
        try:
            response = self._authorised(call)
        except AwsError as error:
            self._record(call, error)
            raise
        self._record(call, response)
        return response

    def _record(self, call: Call, outcome: WireResponse | Mapping[str, Any] | AwsError) -> None:
        # A refusal of the sandbox's own is no event of AWS.
        if self.trail is not None and not isinstance(outcome, SandboxRefusal):
            self.trail.record(Finished(call=call, at=self.clock.now(), outcome=outcome))

    def _authorised(self, call: Call) -> WireResponse:
        allowed_by_rule = self._gate.service_rule(call)
        operation, request = with_caller(
            call.operation, call.request, user_name=call.caller.user_name, is_root=call.caller.is_root
        )
        call = Call(operation=operation, request=request, caller=call.caller, request_id=call.request_id)
        try:
            refuse_unsafe(operation)
            refuse_outsiders(operation, call.caller.account)
        except AwsError as error:
            self._gate.refused(call, error)
            raise
        if operation.service == "sts":
            return self._run_sts(call, allowed_by_rule=allowed_by_rule)
        if operation.service == "cloudformation":
            self._gate.policies(self.cloudformation.identified(call))
            result = self.cloudformation.call(call)
            return render_result(operation, result, request_id=call.request_id)
        try:
            owner = self._gate.policies(call)
        except ItemsRefused as partly:
            return self._run_partly(call, partly)
        self._function_code.before(call, owner)
        call = self._encryption.before(call, owner)
        if operation.service == "iam" and operation.name in self._mfa.names:
            result = self._mfa.call(operation.name, call.caller, operation.params)
            return render_result(operation, result, request_id=call.request_id)
        if operation.service == "athena":
            return self.athena.run(call, partial(self._run, call, owner))
        response = self._run(call, owner)
        self._hide_missing_object(call, response)
        return response

    def _run(self, call: Call, owner: str) -> WireResponse:
        with self._deliveries.of(call, owner):
            return self._plane.run(
                call.operation, call.request, call.caller, request_id=call.request_id, account=owner
            )

    def _run_partly(self, call: Call, partly: ItemsRefused) -> WireResponse:
        return self._plane.run_partly(
            call.operation,
            call.request,
            call.caller,
            partly.refused,
            request_id=call.request_id,
            account=partly.owner,
        )

    def _run_sts(self, call: Call, *, allowed_by_rule: bool) -> WireResponse:
        operation = call.operation
        if operation.name in _STS_BY_POLICY and not allowed_by_rule:
            self._gate.policies(call)

        decided: list[bool] = []

        def may_assume(**sides: object) -> None:
            decided.append(True)
            self._gate.may_assume(
                call,
                role=sides["role"],  # type: ignore[arg-type] # identity calls it with what MayAssume says
                mfa=sides["mfa"],  # type: ignore[arg-type]
                tags=sides["tags"],  # type: ignore[arg-type]
                source_identity=sides["source_identity"],  # type: ignore[arg-type]
            )

        try:
            result = self._sts.call(operation.name, call.caller, operation.params, may_assume=may_assume)
        except AwsError as error:
            if not decided:  # no policy refused it: a code did, or a parameter
                self._gate.refused(call, error)
            raise
        return render_result(operation, result, request_id=call.request_id)

    def _hide_missing_object(self, call: Call, response: WireResponse) -> None:
        """Answer 403 for an object that is not there to those who may not list the bucket.

        Source: S3 API Reference, GetObject and HeadObject, "Permissions".
        """
        operation = call.operation
        missing = response.status == 404 and b"NoSuchBucket" not in response.body
        if operation.service != "s3" or operation.name not in _OBJECT_READS or not missing:
            return
        bucket = f"arn:{PARTITION}:s3:::{operation.params['Bucket']}"
        if not self._gate.allows(call, "s3:ListBucket", bucket):
            raise denied(
                operation.dialect,
                principal_arn=call.caller.principal.arn,
                action="s3:ListBucket",
                resource=bucket,
                ending="because no identity-based policy allows the s3:ListBucket action",
            )


def _identified(request: WireRequest) -> tuple[Operation | None, AwsError | None]:
    # AWS checks the signature before it reads the call; only an operation knows whether its body is signed.
    try:
        return identify(request), None
    except AwsError as error:
        return None, error


def _with_request_id(response: WireResponse, request_id: str) -> WireResponse:
    """Give the answer our request id, also in the place of the one that moto made up."""
    others = [value for name, value in response.headers if name.lower() in _REQUEST_ID_HEADERS]
    body = response.body
    for other in others:
        if other:
            body = body.replace(other.encode(), request_id.encode())
    kept = tuple(pair for pair in response.headers if pair[0].lower() not in _REQUEST_ID_HEADERS)
    return WireResponse(status=response.status, headers=(*kept, ("x-amzn-RequestId", request_id)), body=body)


_REQUEST_ID_HEADERS = frozenset({"x-amzn-requestid", "x-amz-request-id"})
