// Denied, a code, allowed, denied: with the SDK for JavaScript alone. The code comes on stdin.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { STSClient, AssumeRoleCommand, GetCallerIdentityCommand, GetSessionTokenCommand } = createRequire(
  process.env.NODE_MODULES + "/",
)("@aws-sdk/client-sts");
const [role, serial] = process.argv.slice(2);
const [code] = readFileSync(0, "utf8").split("\n");

const held = ({ AccessKeyId, SecretAccessKey, SessionToken }) => ({
  accessKeyId: AccessKeyId,
  secretAccessKey: SecretAccessKey,
  sessionToken: SessionToken,
});
const outcome = async (client, command) => {
  try {
    return await client.send(command);
  } catch (error) {
    console.log(`${error.name}: ${error.message}`);
  }
};
const assume = () => new AssumeRoleCommand({ RoleArn: role, RoleSessionName: "node" });

const byKey = new STSClient({ maxAttempts: 1 });
await outcome(byKey, assume());
const withCode = new GetSessionTokenCommand({ SerialNumber: serial, TokenCode: code });
const session = await outcome(byKey, withCode);
await outcome(byKey, withCode); // used: it serves once
const bySession = new STSClient({ maxAttempts: 1, credentials: held(session.Credentials) });
const assumed = await outcome(bySession, assume());
const inRole = new STSClient({ maxAttempts: 1, credentials: held(assumed.Credentials) });
console.log((await outcome(inRole, new GetCallerIdentityCommand({}))).Arn);
