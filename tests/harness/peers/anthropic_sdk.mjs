// A script as somebody would write it: asks a model through Anthropic's library, once.
//
// usage: node anthropic_sdk.mjs FOLDER_WITH_THE_LIBRARY PROMPT_BYTES
// The certificate authority is given by NODE_EXTRA_CA_CERTS.
import { createRequire } from "node:module";
import { join } from "node:path";

const [folder, bytes] = process.argv.slice(2);
const library = createRequire(join(folder, "package.json"))("@anthropic-ai/sdk");
const client = new library.Anthropic({ apiKey: "test", maxRetries: 0, timeout: 20_000 });
const answer = await client.messages.create({
  model: "test",
  max_tokens: 16,
  messages: [{ role: "user", content: "x".repeat(Math.min(Number(bytes), 1 << 20)) }],
});
console.log(answer.content[0].text);
