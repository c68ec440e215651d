// An app that signs its users in by a client that its authors did not write: openid-client.
// Usage: node app.mjs FOLDER ISSUER CLIENT_ID SECRET PORT
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [folder, issuer, clientId, secret, port] = process.argv.slice(2);
const require = createRequire(`${folder}/node_modules/`);
const client = await import(pathToFileURL(require.resolve("openid-client")));

const origin = `http://127.0.0.1:${port}`;
const config = await client.discovery(new URL(issuer), clientId, { client_secret: secret }, client.ClientSecretBasic(secret), {
  execute: [client.allowInsecureRequests],
});
client.enableNonRepudiationChecks(config);
const waiting = new Map();

async function answer(request) {
  const url = new URL(request.url, origin);
  if (url.pathname === "/login") {
    const state = client.randomState();
    const verifier = client.randomPKCECodeVerifier();
    const nonce = client.randomNonce();
    waiting.set(state, { verifier, nonce });
    const to = client.buildAuthorizationUrl(config, {
      redirect_uri: `${origin}/callback`,
      scope: "openid profile email groups offline_access",
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state,
      nonce,
      ...Object.fromEntries(url.searchParams),
    });
    return [303, "", to.href];
  }
  if (url.pathname !== "/callback") return [404, "Nothing is here"];
  const state = url.searchParams.get("state");
  const { verifier, nonce } = waiting.get(state);
  const tokens = await client.authorizationCodeGrant(config, url, {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
  });
  const claims = tokens.claims();
  const info = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
  const again = await client.refreshTokenGrant(config, tokens.refresh_token);
  const found = await client.tokenIntrospection(config, again.access_token);
  await client.tokenRevocation(config, again.refresh_token ?? tokens.refresh_token);
  const gone = await client.tokenIntrospection(config, again.access_token);
  const out = client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token });
  const text = `${info.email} verified ${info.email_verified}; acr ${claims.acr}; same user ${again.claims().sub === claims.sub};` +
    ` active ${found.active} and then ${gone.active}`;
  return [200, `<title>App</title><h1>The app</h1><p>${text}</p><p><a href="${out.href.replaceAll("&", "&amp;")}">Sign out</a></p>`];
}

createServer(async (request, response) => {
  const [status, body, location] = await answer(request).catch((error) => [
    500,
    `<title>App</title><h1>The app failed</h1><p>${error.code ?? ""} ${error.message} ${error.cause ?? ""}</p>`,
  ]);
  response.writeHead(status, { "Content-Type": "text/html", ...(location && { Location: location }) }).end(body);
}).listen(Number(port), "127.0.0.1", () => console.log(`listening on ${origin}`));
