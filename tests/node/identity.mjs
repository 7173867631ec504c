// Who the SDK for JavaScript signs in as, by its own default chain of credentials.
import { createRequire } from "node:module";

const { STSClient, GetCallerIdentityCommand } = createRequire(process.env.NODE_MODULES + "/")("@aws-sdk/client-sts");
const answer = await new STSClient({}).send(new GetCallerIdentityCommand({}));
console.log(answer.Arn);
