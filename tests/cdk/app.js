// A load balancer in a network of its own, and a bucket with a policy: what teams deploy first.
const { App, Stack } = require("aws-cdk-lib");
const ec2 = require("aws-cdk-lib/aws-ec2");
const elbv2 = require("aws-cdk-lib/aws-elasticloadbalancingv2");
const s3 = require("aws-cdk-lib/aws-s3");

const stack = new Stack(new App(), "Env-dev-alb", { env: { account: "123456789012", region: "us-east-1" } });
const vpc = new ec2.Vpc(stack, "Vpc", {
  availabilityZones: ["us-east-1a", "us-east-1b"],
  natGateways: 0,
  restrictDefaultSecurityGroup: false,
  subnetConfiguration: [{ name: "public", subnetType: ec2.SubnetType.PUBLIC }],
});
const balancer = new elbv2.ApplicationLoadBalancer(stack, "Alb", { vpc, internetFacing: true });
balancer.addListener("http", { port: 80, defaultAction: elbv2.ListenerAction.fixedResponse(404) });
new s3.Bucket(stack, "Logs", { enforceSSL: true });
stack.node.root.synth();
