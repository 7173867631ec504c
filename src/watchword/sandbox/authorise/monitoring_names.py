"""Filters for templates of load balancers, logs and metrics: kinds in ARNs, what is new, any ARN.

Source: Service Authorization Reference, the resource types of each service.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from watchword.sandbox.authorise.scope import Scope, Unidentified, WholeArn

_LOAD_BALANCERS = {"application": "app", "network": "net", "gateway": "gwy"}
_LOGS = (
    "anomaly-detector", "delivery", "delivery-destination", "delivery-source", "destination", "lookup-table",
    "scheduled-query",
)  # fmt: skip
_CLOUDWATCH = (
    "alarm",
    "alarm-mute-rule",
    "dashboard",
    "dataset",
    "insight-rule",
    "metric-stream",
    "service",
    "slo",
)


def _load_balancer_kind(_value: str, scope: Scope) -> str:
    kind = _LOAD_BALANCERS.get(str(scope.params.get("Type") or "application"))
    if kind is None:
        raise Unidentified("this type of load balancer is not known")
    return kind


def _below(kind: str) -> Callable[[str, Scope], str]:
    """Return a filter for the ARN of a `kind`, which gives what ARNs of what is below it begin with."""

    def head(value: str, scope: Scope) -> str:
        home = f"arn:{scope.partition}:elasticloadbalancing:{scope.operation.region}:{scope.account}:{kind}/"
        name = value.removeprefix(home)
        if name == value or not re.fullmatch(r"[A-Za-z0-9-]+(/[A-Za-z0-9-]+)*", name):
            raise Unidentified(f"the ARN of a {kind} of this account and region is expected")
        return name

    return head


def _any_of(service: str, types: tuple[str, ...], *, region: bool = True) -> Callable[[str, Scope], str]:
    def arn(value: str, scope: Scope) -> str:
        home = f"arn:{scope.partition}:{service}:{scope.operation.region}:{scope.account}:"
        everywhere = f"arn:{scope.partition}:{service}::{scope.account}:"
        rest = value.removeprefix(home if region else everywhere)
        if rest == value or not re.fullmatch(rf"(?:{'|'.join(types)})[:/][^*?\x00-\x1f]+", rest):
            raise Unidentified("the ARN of a resource of this account and region is expected")
        return WholeArn(value)

    return arn


def _cloudwatch(value: str, scope: Scope) -> str:
    everywhere = value.startswith(f"arn:{scope.partition}:cloudwatch::")
    types = ("dashboard",) if everywhere else _CLOUDWATCH
    return _any_of("cloudwatch", types, region=not everywhere)(value, scope)


def _logs(value: str, scope: Scope) -> str:
    home = f"arn:{scope.partition}:logs:{scope.operation.region}:{scope.account}:log-group:"
    group = value.removeprefix(home)
    if group != value and re.fullmatch(r"[A-Za-z0-9_/.#-]+", group):
        return WholeArn(value)
    return _any_of("logs", _LOGS)(value, scope)


def _log_query(value: str, scope: Scope) -> str:
    groups = scope.lookup.log_query_groups(scope.operation.region, value)
    if len(groups) != 1:
        raise Unidentified("there is no such query, or it is one on several log groups")
    return groups[0]


FILTERS: Mapping[str, Callable[[str, Scope], str]] = {
    "elb_kind": _load_balancer_kind,
    "elb_below_load_balancer": _below("loadbalancer"),
    "elb_below_listener": _below("listener"),
    "logs_resource": _logs,
    "log_query": _log_query,
    "cloudwatch_resource": _cloudwatch,
}
# Those that give a whole ARN.
WHOLE = frozenset({"logs_resource", "cloudwatch_resource"})
