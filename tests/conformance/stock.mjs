// A stock oidc-provider (npm), which is certified, and the same with one thing broken. The modules
// have to pass the first and each of them has to fail the second.
// Usage: node stock.mjs FOLDER, the folder with the package.
import { createHash, createPrivateKey, generateKeyPairSync, sign } from "node:crypto";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { judge, judgeAll } from "./judge.mjs";
import { MODULES } from "./modules.mjs";
import { receiver } from "./receiver.mjs";
import { Answer } from "./visitor.mjs";

const [folder] = process.argv.slice(2);
const { Provider } = await import(pathToFileURL(createRequire(`${folder}/node_modules/`).resolve("oidc-provider")));

const APP = "http://app.localhost:9";
const ONE = { id: "one", secret: "first-secret-of-a-test-that-is-long" };
const OTHER = { id: "other", secret: "second-secret-of-a-test-that-is-long" };
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const JWK = { ...privateKey.export({ format: "jwk" }), kid: "key", alg: "RS256", use: "sig" };
const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;

const read = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
const fold = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Signs the claims of a token anew, after a change of them or of its header. */
export function resign(token, change, key = createPrivateKey({ key: JWK, format: "jwk" }), more = {}) {
  const claims = read(token);
  change(claims);
  const header = JSON.parse(Buffer.from(token.split(".")[0], "base64url"));
  const text = `${fold({ ...header, ...more })}.${fold(claims)}`;
  return `${text}.${sign("RSA-SHA256", Buffer.from(text), key).toString("base64url")}`;
}

function account(_ctx, id) {
  const claims = { sub: id, name: "Ana", preferred_username: "ana", email: "ana@example.com", email_verified: true };
  return { accountId: id, claims: async () => claims };
}

function configuration(hears) {
  const client = ({ id, secret }) => ({
    client_id: id,
    client_secret: secret,
    redirect_uris: [`${APP}/callback`],
    post_logout_redirect_uris: [`${APP}/bye`],
    grant_types: ["authorization_code", "refresh_token"],
    application_type: "web",
    token_endpoint_auth_method: "client_secret_basic",
  });
  return {
    clients: [
      { ...client(ONE), backchannel_logout_uri: hears.uri, backchannel_logout_session_required: true },
      client(OTHER),
    ],
    jwks: { keys: [JWK] },
    cookies: { keys: ["only for a test"], long: { sameSite: "none" } },
    claims: {
      openid: ["sub"],
      profile: ["name", "preferred_username"],
      email: ["email", "email_verified"],
      address: ["address"],
      phone: ["phone_number"],
    },
    features: {
      backchannelLogout: { enabled: true },
      claimsParameter: { enabled: true },
      rpInitiatedLogout: { enabled: true },
      revocation: { enabled: true },
    },
    pkce: { required: () => false },
    // Off by default: a form of another site brings no cookie.
    enableHttpPostMethods: true,
    // The app's server is on this machine, which the provider's own client refuses.
    fetch: (url, { dispatcher: _dispatcher, ...options }) => fetch(url, options),
    findAccount: account,
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed("refresh_token"),
    // As for an app of the house: the user is not asked.
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({ accountId: ctx.oidc.session.accountId, clientId: ctx.oidc.client.clientId });
      grant.addOIDCScope("openid profile email address phone offline_access");
      grant.addOIDCClaims(["name", "preferred_username", "email", "email_verified"]);
      await grant.save();
      return grant;
    },
    // The package's own example sends secrets in the body, too.
    clientAuthMethods: ["client_secret_basic", "client_secret_post"],
  };
}

/** Starts a provider, perhaps with something broken in it. */
async function start(fault = {}) {
  const [server, hears] = [createServer(), await receiver()];
  await new Promise((listens) => server.listen(0, "127.0.0.1", listens));
  const issuer = `http://localhost:${server.address().port}`;
  const relay = fault.relay ? await relayTo(hears.uri, fault.relay) : undefined;
  const provider = new Provider(issuer, configuration({ uri: relay?.uri ?? hears.uri }));
  const kept = {};
  provider.use(async (ctx, next) => {
    if (fault.before?.(ctx, kept) === "answered") return;
    await next();
    await fault.after?.(ctx, kept);
  });
  server.on("request", provider.callback());
  const subject = {
    issuer,
    one: ONE,
    other: OTHER,
    callback: `${APP}/callback`,
    signedOut: `${APP}/bye`,
    elsewhere: "http://elsewhere.localhost:9",
    user: "ana",
    receiver: hears,
    asksToSignIn: (end) => !(end instanceof Answer) && end.form(/\/interaction\//) !== undefined,
    signsIn: (visitor, page) => visitor.submit(page, /\/interaction\//, { login: "ana", password: "x" }),
    asksToSignOut: (end) => !(end instanceof Answer) && end.form(/\/session\/end\/confirm/) !== undefined,
    signsOut: (visitor, page) => visitor.submit(page, /\/session\/end\/confirm/, { logout: "yes" }),
    passes: (moment) => later(moment),
  };
  const stop = () => [server, hears, relay].forEach((one) => one?.close());
  return { subject, stop };
}

/** Waits until the clock's second is after this one. */
export async function later(moment) {
  while (Math.floor(Date.now() / 1000) <= moment) await new Promise((again) => setTimeout(again, 50));
}

/** Stands between the provider and the app's server, and changes what the app hears. */
async function relayTo(uri, change) {
  const server = createServer((request, response) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", async () => {
      const form = new URLSearchParams(Buffer.concat(parts).toString());
      form.set("logout_token", change(form.get("logout_token")));
      const answer = await fetch(uri, { method: "POST", body: form });
      response.writeHead(answer.status).end();
    });
  });
  await new Promise((listens) => server.listen(0, "127.0.0.1", listens));
  return { uri: `http://127.0.0.1:${server.address().port}/logout`, close: () => server.close() };
}

const isAt = (ctx, path) => ctx.path === path;
const query = (ctx, change) => {
  const all = { ...ctx.query };
  change(all);
  ctx.query = all;
};
/** Leaves a parameter of the authorization request out. */
const ignores = (name) => ({ before: (ctx) => void (isAt(ctx, "/auth") && query(ctx, (all) => delete all[name])) });
/** Refuses an authorization request with this. */
const refuses = (is) => ({
  before: (ctx) => {
    if (!isAt(ctx, "/auth") || !is(ctx.query)) return undefined;
    ctx.redirect(`${ctx.query.redirect_uri}?${new URLSearchParams({ error: "invalid_request", state: ctx.query.state })}`);
    return "answered";
  },
});
/** Changes where the app's browser goes. */
const leads = (change) => ({
  after: (ctx) => {
    const to = ctx.response.get("location") ?? "";
    if (!to.startsWith(APP)) return;
    const url = new URL(to);
    change(url, ctx);
    ctx.set("location", url.href);
  },
});
const gives = (change) => ({ after: (ctx, kept) => void (isAt(ctx, "/token") && ctx.status === 200 && change(ctx.body, kept)) });
const signs = (change) => gives((body) => (body.id_token = resign(body.id_token, change)));
/** Writes something else into the header of ID tokens. */
const heads = (more) => gives((body) => (body.id_token = resign(body.id_token, () => {}, undefined, more)));
const hears = (change) => ({ relay: (token) => resign(token, change) });
const tells = (change) => ({ after: (ctx) => void (isAt(ctx, "/me") && ctx.status === 200 && change(ctx.body, ctx)) });
const publishes = (change) => ({ after: (ctx) => void (isAt(ctx, "/jwks") && ctx.status === 200 && change(ctx.body.keys)) });
const announces = (change) => ({
  after: (ctx) => void (isAt(ctx, "/.well-known/openid-configuration") && change(ctx.body)),
});
/** Leads to the app after every sign-out, even if the app did not ask for it. */
const leadsAnyway = (to) => ({
  after: (ctx) => {
    if (!ctx.path.startsWith("/session/end")) return;
    ctx.body = undefined;
    ctx.redirect(to);
  },
});
/** Says that the user is signed out, and is wrong. */
const keepsSession = {
  before: (ctx) => {
    if (!isAt(ctx, "/session/end/confirm")) return undefined;
    ctx.body = "signed out";
    return "answered";
  },
};
/** Leads to the app as after a sign-out, and ends no session. */
const leadsAndKeepsSession = {
  before: (ctx, kept) => {
    if (isAt(ctx, "/session/end")) kept.state = ctx.query.state;
    if (!isAt(ctx, "/session/end/confirm")) return undefined;
    ctx.redirect(`${APP}/bye${kept.state === undefined ? "" : `?state=${kept.state}`}`);
    return "answered";
  },
};
/** Answers a refused token request as the one before. */
const givesAgain = {
  after: (ctx, kept) => {
    if (!isAt(ctx, "/token")) return;
    if (ctx.status === 200) kept.body = ctx.body;
    else [ctx.status, ctx.body] = [200, kept.body];
  },
};

/** Knows the user from the first sign-in on, and moves what a later ID token says of it. */
const movesLater = (name, change) => {
  const seen = { tokens: 0 };
  return signs((claims) => void ((seen.tokens += 1) > 1 && (claims[name] = change(claims[name]))));
};
const LONG_AGO = 100_000;

/** What is broken, by the module that has to notice it: one thing, or several, each alone. */
const FAULTS = {
  "oidcc-server": [
    signs((claims) => (claims.at_hash = createHash("sha256").update("x").digest("base64url"))),
    signs((claims) => (claims.c_hash = createHash("sha256").update("x").digest("base64url"))),
    signs((claims) => (claims.iss += "/")),
    signs((claims) => (claims.aud = "other")),
    signs((claims) => (claims.exp = claims.iat - LONG_AGO)),
    signs((claims) => (claims.iat -= LONG_AGO)),
    signs((claims) => (claims.nonce = "other")),
    signs((claims) => delete claims.nonce),
    signs((claims) => (claims.sub = "x".repeat(256))),
    signs((claims) => (claims.name = "Ana")),
    tells((body) => (body.email = "ana@example.com")),
    leads((url) => url.searchParams.set("state", "other")),
    leads((url) => url.searchParams.set("iss", "http://elsewhere.localhost:9")),
    gives((body) => {
      body.access_token = "a".repeat(43);
      body.id_token = resign(body.id_token, (claims) => delete claims.at_hash);
    }),
    gives((body) => (body.token_type = "mac")),
    gives((body) => delete body.id_token),
  ],
  "oidcc-response-type-missing": { before: (ctx) => void (isAt(ctx, "/auth") && query(ctx, (all) => (all.response_type ??= "code"))), after: leads((url) => url.searchParams.delete("error")).after },
  "oidcc-idtoken-signature": [
    gives((body) => (body.id_token = resign(body.id_token, () => {}, stranger))),
    heads({ alg: "RS384" }),
    heads({ alg: "none" }),
    heads({ kid: "other" }),
  ],
  "oidcc-idtoken-unsigned": announces((all) => all.id_token_signing_alg_values_supported.push("none")),
  "oidcc-userinfo-get": tells((body, ctx) => ctx.method === "GET" && (body.sub = "other")),
  "oidcc-userinfo-post-header": { after: (ctx) => void (isAt(ctx, "/me") && ctx.method === "POST" && (ctx.status = 405)) },
  "oidcc-userinfo-post-body": tells((body, ctx) => ctx.method === "POST" && (body.sub = "other")),
  "oidcc-ensure-request-without-nonce-succeeds-for-code-flow": refuses((asked) => asked.nonce === undefined),
  "oidcc-scope-profile": tells((body) => delete body.name),
  "oidcc-scope-email": tells((body) => delete body.email_verified),
  "oidcc-scope-address": refuses((asked) => asked.scope.includes("address")),
  "oidcc-scope-phone": refuses((asked) => asked.scope.includes("phone")),
  "oidcc-scope-all": tells((body) => delete body.email),
  "oidcc-alternate-happy-flow": leads((url) => url.searchParams.delete("state")),
  "oidcc-display-page": refuses((asked) => asked.display === "page"),
  "oidcc-display-popup": refuses((asked) => asked.display === "popup"),
  "oidcc-prompt-login": [
    ignores("prompt"),
    movesLater("auth_time", (at) => at - LONG_AGO),
    movesLater("sub", () => "other"),
  ],
  "oidcc-prompt-none-not-logged-in": leads((url) => url.searchParams.has("error") && url.searchParams.set("error", "server_error")),
  "oidcc-prompt-none-logged-in": [
    refuses((asked) => asked.prompt === "none"),
    movesLater("sub", () => "other"),
    movesLater("auth_time", (at) => at + 1),
    { after: (ctx) => void (isAt(ctx, "/auth") && ctx.query.prompt === "none" && ((ctx.status = 200), ctx.remove("location"), (ctx.body = "a page"))) },
  ],
  "oidcc-max-age-1": [
    ignores("max_age"),
    // From the second ID token on: before the first one, the user is asked in any case.
    movesLater("auth_time", () => undefined),
    movesLater("auth_time", (at) => at - LONG_AGO),
    movesLater("auth_time", (at) => at + LONG_AGO),
    movesLater("sub", () => "other"),
  ],
  "oidcc-max-age-10000": [
    signs((claims) => (claims.auth_time = claims.iat)),
    signs((claims) => delete claims.auth_time),
    signs((claims) => (claims.auth_time = String(claims.auth_time))),
    movesLater("sub", () => "other"),
  ],
  "oidcc-ensure-request-with-unknown-parameter-succeeds": refuses((asked) => asked.extra !== undefined),
  "oidcc-id-token-hint": [refuses((asked) => asked.id_token_hint !== undefined), movesLater("sub", () => "other")],
  "oidcc-login-hint": refuses((asked) => asked.login_hint !== undefined),
  "oidcc-ui-locales": refuses((asked) => asked.ui_locales !== undefined),
  "oidcc-claims-locales": refuses((asked) => asked.claims_locales !== undefined),
  "oidcc-ensure-request-with-acr-values-succeeds": refuses((asked) => asked.acr_values !== undefined),
  "oidcc-codereuse": givesAgain,
  "oidcc-codereuse-30seconds": [
    { after: (ctx) => void (isAt(ctx, "/me") && ctx.status === 401 && ([ctx.status, ctx.body] = [200, { sub: "ana" }])) },
    givesAgain,
    { after: (ctx) => void (isAt(ctx, "/me") && (ctx.status = 401)) },
  ],
  "oidcc-ensure-registered-redirect-uri": {
    after: (ctx) => void (isAt(ctx, "/auth") && ctx.status === 400 && ctx.redirect(`${ctx.query.redirect_uri}?error=invalid_request`)),
  },
  "oidcc-ensure-post-request-succeeds": { after: (ctx) => void (isAt(ctx, "/auth") && ctx.method === "POST" && ((ctx.status = 405), ctx.remove("location"))) },
  "oidcc-server-client-secret-post": {
    after: (ctx) => void (isAt(ctx, "/token") && ctx.get("authorization") === "" && ([ctx.status, ctx.body] = [401, { error: "invalid_client" }])),
  },
  "oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported": ignores("request_uri"),
  "oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported": ignores("request"),
  "oidcc-claims-essential": tells((body) => delete body.name),
  "oidcc-ensure-request-object-with-redirect-uri": announces((all) => (all.request_parameter_supported = true)),
  "oidcc-refresh-token": [
    givesAgain,
    movesLater("iss", (iss) => `${iss}/`),
    movesLater("sub", () => "other"),
    movesLater("aud", () => "other"),
    movesLater("nonce", () => "other"),
    gives((body) => (body.refresh_token = "r\u00fcckgabe")),
    gives((body) => delete body.refresh_token),
    gives((body, kept) => (body.access_token = kept.access ??= body.access_token)),
  ],
  "oidcc-ensure-request-with-valid-pkce-succeeds": givesAgain,
  "oidcc-discovery-endpoint-verification": [
    announces((all) => (all.issuer += "/")),
    announces((all) => all.scopes_supported.push("two words")),
    announces((all) => all.scopes_supported.push('quo"ted')),
    announces((all) => (all.scopes_supported = all.scopes_supported.filter((scope) => scope !== "openid"))),
    announces((all) => (all.code_challenge_methods_supported = "S256")),
    announces((all) => (all.code_challenge_methods_supported = ["plain"])),
    announces((all) => all.code_challenge_methods_supported.push("plain")),
    announces((all) => (all.acr_values_supported = [])),
    announces((all) => (all.ui_locales_supported = ["no_tag"])),
    announces((all) => (all.id_token_signing_alg_values_supported = ["ES256"])),
    announces((all) => (all.response_types_supported = ["id_token"])),
    announces((all) => delete all.subject_types_supported),
    announces((all) => (all.grant_types_supported = ["refresh_token"])),
    announces((all) => (all.token_endpoint = "http://elsewhere.localhost:9/token")),
    announces((all) => delete all.jwks_uri),
    publishes((keys) => keys.push(keys[0])),
    publishes((keys) => delete keys[0].n),
    publishes((keys) => (keys[0].n += "=")),
    publishes((keys) => (keys[0].d = "AQAB")),
    publishes((keys) => keys.push({ kty: "oct", kid: "other", k: "c2VjcmV0" })),
    publishes((keys) => keys.splice(0)),
  ],
  "oidcc-rp-initiated-logout-discovery-endpoint-verification": announces((all) => delete all.end_session_endpoint),
  "oidcc-rp-initiated-logout": [
    leads((url) => url.pathname === "/bye" && url.searchParams.delete("state")),
    leadsAndKeepsSession,
  ],
  "oidcc-rp-initiated-logout-bad-post-logout-redirect-uri": leadsAnyway("http://elsewhere.localhost:9/bye"),
  "oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri": leadsAnyway(`${APP}/bye?foo=bar`),
  "oidcc-rp-initiated-logout-no-id-token-hint": leadsAnyway(`${APP}/bye`),
  "oidcc-rp-initiated-logout-modified-id-token-hint": leadsAnyway(`${APP}/bye`),
  "oidcc-rp-initiated-logout-bad-id-token-hint": leadsAnyway(`${APP}/bye`),
  "oidcc-rp-initiated-logout-no-params": keepsSession,
  "oidcc-rp-initiated-logout-only-state": keepsSession,
  "oidcc-rp-initiated-logout-no-post-logout-redirect-uri": keepsSession,
  "oidcc-rp-initiated-logout-no-state": [
    leads((url) => url.pathname === "/bye" && url.searchParams.set("state", "x")),
    leadsAndKeepsSession,
  ],
  "oidcc-backchannel-logout-discovery-endpoint-verification": announces((all) => delete all.backchannel_logout_session_supported),
  "oidcc-backchannel-rp-initiated-logout": [
    hears((claims) => (claims.nonce = "n")),
    hears((claims) => (claims.events = {})),
    hears((claims) => (claims.events = { "http://schemas.openid.net/event/other": {} })),
    hears((claims) => (claims.iat -= LONG_AGO)),
    hears((claims) => delete claims.jti),
    hears((claims) => (claims.aud = "other")),
    hears((claims) => (claims.iss += "/")),
    // The wait for one about this session ends after half a minute.
    hears((claims) => Object.assign(claims, { sub: "other", sid: "other" })),
    { relay: (token) => resign(token, () => {}, stranger) },
    leadsAndKeepsSession,
  ],
};

process.env.NODE_ENV ??= "test";
const { warn, info } = console;
console.warn = console.info = () => {};

const whole = await start();
const failed = await judgeAll(MODULES, whole.subject);
whole.stop();
const blind = [];
/** Breaks the provider in each way that this module has to notice. A module without a fault is blind. */
async function tries(module) {
  const [name] = module;
  for (const [n, fault] of [FAULTS[name] ?? {}].flat().entries()) {
    const broken = await start(fault);
    const why = await judge(module, broken.subject);
    broken.stop();
    const is = why !== undefined && why !== "skipped";
    console.log(`${name}, broken${n === 0 ? "" : ` otherwise (${n})`}: ${is ? `noticed: ${why}` : "NOT noticed"}`);
    if (!is) blind.push(`${name} (${n})`);
  }
}
// Several beside each other, because some wait for half a minute.
const waiting = MODULES.toReversed();
await Promise.all(
  Array.from({ length: 4 }, async () => {
    for (let module = waiting.shift(); module !== undefined; module = waiting.shift()) await tries(module);
  }),
);
// What no module knows is no error.
const extended = await start(announces((all) => (all.x_of_this_provider = { any: ["thing"], none: false })));
const tolerates = await judge(MODULES.find(([name]) => name === "oidcc-discovery-endpoint-verification"), extended.subject);
extended.stop();
if (tolerates !== undefined) failed.push(`an unknown member: ${tolerates}`);
Object.assign(console, { warn, info });
console.log(`${MODULES.length} modules; a stock provider fails ${failed.length}; a broken one is not noticed by ${blind.length}`);
process.exit(failed.length + blind.length === 0 ? 0 : 1);
