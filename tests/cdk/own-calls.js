// A load balancer in subnets that are there, deployed without bootstrap roles: every call is the user's own, or
// made by CloudFormation on the user's behalf.
const { App, LegacyStackSynthesizer, Stack } = require("aws-cdk-lib");
const { CfnLoadBalancer } = require("aws-cdk-lib/aws-elasticloadbalancingv2");

const stack = new Stack(new App(), "Env-dev-alb", { synthesizer: new LegacyStackSynthesizer() });
new CfnLoadBalancer(stack, "Alb", { subnets: process.env.SUBNETS.split(",") });
stack.node.root.synth();
