// The modules of the OpenID Foundation's suite for the Basic, Config, RP-initiated and back-channel
// logout profiles, by their names. They know nothing of the provider that they judge, except how a
// user of it signs in and out.
import { createHash, createPublicKey, randomBytes, verify } from "node:crypto";
import { Answer, send, Visitor } from "./visitor.mjs";

const CHALLENGE = ["dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"];
const DECIDED = "a provider without request objects says so in discovery";

/** A module does not apply to this provider. */
export class Skipped extends Error {}

function check(is, why) {
  if (!is) throw new Error(why);
}

/** How far the clocks of the app and the provider may differ, as in the suite. */
const SKEW = 300;
/** RFC 6749, appendix A.4. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
const BASE64URL = /^[\w-]+$/;

const now = () => Math.floor(Date.now() / 1000);
const random = () => randomBytes(16).toString("base64url");
const half = (text) => createHash("sha256").update(text).digest().subarray(0, 16).toString("base64url");
/** Bits of entropy in a text, as the suite measures them: by how often each character occurs. */
const entropy = (text) => {
  const often = new Map();
  for (const one of text) often.set(one, (often.get(one) ?? 0) + 1);
  return [...often.values()].reduce((bits, n) => bits - n * Math.log2(n / text.length), 0);
};
const unsigned = (claims) =>
  `${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.`;

/** One provider, and an app that has registered there. */
export class Bench {
  constructor(subject) {
    this.subject = subject;
    this.ends = [subject.callback, subject.signedOut, subject.elsewhere];
  }

  visitor() {
    return new Visitor(this.ends);
  }

  async metadata() {
    const at = `${this.subject.issuer}/.well-known/openid-configuration`;
    const answer = await send(at);
    check(answer.status === 200, `discovery answers ${answer.status}`);
    check(/^application\/json\b/.test(answer.headers["content-type"] ?? ""), `discovery is ${answer.headers["content-type"]}`);
    return JSON.parse(answer.body);
  }

  async request(more = {}, client = this.subject.one) {
    const { authorization_endpoint: endpoint } = await this.metadata();
    const all = {
      client_id: client.id,
      redirect_uri: this.subject.callback,
      response_type: "code",
      scope: "openid",
      state: random(),
      nonce: random(),
      ...more,
    };
    const given = Object.entries(all).filter(([, value]) => value !== undefined);
    return { endpoint, all, url: `${endpoint}?${new URLSearchParams(given)}` };
  }

  /** Sends a browser to the provider. Returns what the app or the user gets. */
  async asks(visitor, more, client) {
    const { all, url } = await this.request(more, client);
    const end = await visitor.go(url);
    return { all, end };
  }

  /** Does the same, and signs the user in where the provider asks. */
  async comes(visitor, more, client) {
    let { all, end } = await this.asks(visitor, more, client);
    if (this.subject.asksToSignIn(end)) end = await this.subject.signsIn(visitor, end);
    check(end instanceof Answer && end.url.startsWith(this.subject.callback), `no answer for the app: ${end.url}: ${end.body?.slice(0, 300)}`);
    check(all.state === undefined || end.query.get("state") === all.state, "the state is missing or another one");
    const iss = end.query.get("iss");
    check(iss === null || iss === this.subject.issuer, `iss is ${iss}`);
    return { all, end };
  }

  async code(visitor, more, client) {
    const { all, end } = await this.comes(visitor, more, client);
    const code = end.query.get("code");
    check(code !== null, `no code, but ${end.query.get("error")}: ${end.query.get("error_description")}`);
    return { all, code };
  }

  /** Sends a form from the app's server. */
  async posts(endpoint, fields, client = this.subject.one, by = "basic") {
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    const all = { ...fields };
    if (by === "basic") headers.Authorization = `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString("base64")}`;
    else Object.assign(all, { client_id: client.id, client_secret: client.secret });
    const { [endpoint]: at } = await this.metadata();
    const answer = await send(at, { method: "POST", headers, body: new URLSearchParams(all).toString() });
    return { status: answer.status, body: JSON.parse(answer.body || "{}") };
  }

  redeems(code, more = {}, client, by) {
    const fields = { grant_type: "authorization_code", code, redirect_uri: this.subject.callback, ...more };
    return this.posts("token_endpoint", fields, client, by);
  }

  /** Signs the user in to the app. Returns the tokens and the claims of a genuine ID token. */
  async signsIn(visitor, more, { redeem, by } = {}) {
    const { all, code } = await this.code(visitor, more);
    const { status, body } = await this.redeems(code, redeem, undefined, by);
    check(status === 200, `the token endpoint answers ${status}: ${JSON.stringify(body)}`);
    check(typeof body.access_token === "string" && /^bearer$/i.test(body.token_type), "no access token");
    return { code, tokens: body, claims: await this.judges(body, all.nonce, code) };
  }

  /** Returns the claims of an ID token, if it is one that this app may take. */
  async judges(tokens, nonce, code) {
    check(typeof tokens.id_token === "string", "no ID token");
    const parts = tokens.id_token.split(".");
    const read = (part) => JSON.parse(Buffer.from(part, "base64url"));
    const [header, claims] = [read(parts[0]), read(parts[1])];
    check(header.alg === "RS256", `an app that asked for nothing gets ${header.alg}`);
    const { jwks_uri } = await this.metadata();
    const { keys } = JSON.parse((await send(jwks_uri)).body);
    const key = keys.find((key) => key.kid === header.kid);
    check(key !== undefined, "kid names no key of the set");
    const signed = Buffer.from(`${parts[0]}.${parts[1]}`);
    const is = verify("RSA-SHA256", signed, createPublicKey({ key, format: "jwk" }), Buffer.from(parts[2], "base64url"));
    check(is, "the signature of the ID token is wrong");
    check(claims.iss === this.subject.issuer, `iss of the ID token is ${claims.iss}`);
    check([claims.aud].flat().includes(this.subject.one.id), `aud is ${claims.aud}`);
    check(claims.exp > now() && Math.abs(claims.iat - now()) <= SKEW, "exp or iat is wrong");
    check(typeof claims.sub === "string" && /^[\x20-\x7e]{1,255}$/.test(claims.sub), "sub is no name of at most 255 characters");
    const { auth_time } = claims;
    check(auth_time === undefined || (Number.isInteger(auth_time) && auth_time <= now() + SKEW), "auth_time is no moment of the past");
    check(claims.nonce === nonce, `nonce is ${claims.nonce}`);
    check(claims.at_hash === undefined || claims.at_hash === half(tokens.access_token), "at_hash is wrong");
    check(claims.c_hash === undefined || (code !== undefined && claims.c_hash === half(code)), "c_hash is wrong");
    return claims;
  }

  async info(token, how = "get") {
    const { userinfo_endpoint: at } = await this.metadata();
    const bearer = { Authorization: `Bearer ${token}` };
    const form = { "Content-Type": "application/x-www-form-urlencoded" };
    const sent = {
      get: { headers: bearer },
      header: { method: "POST", headers: { ...bearer, ...form }, body: "" },
      body: { method: "POST", headers: form, body: new URLSearchParams({ access_token: token }).toString() },
    }[how];
    const answer = await send(at, sent);
    return { status: answer.status, body: answer.status === 200 ? JSON.parse(answer.body) : {} };
  }

  /** Returns the userinfo of a sign-in, which has to be about the same user. */
  async learns(visitor, more, how) {
    const { tokens, claims } = await this.signsIn(visitor, more);
    const { status, body } = await this.info(tokens.access_token, how);
    check(status === 200, `userinfo answers ${status}`);
    check(body.sub === claims.sub, "sub of userinfo is another one");
    return body;
  }

  /** A browser whose user is signed in. */
  async known() {
    const visitor = this.visitor();
    const first = await this.signsIn(visitor);
    return { visitor, ...first };
  }

  async isSignedOut(visitor) {
    const { end } = await this.comes(visitor, { prompt: "none" });
    return end.query.get("error") === "login_required";
  }

  /** Sends a browser to sign out, and lets the user agree where the provider asks. */
  async leaves(visitor, fields) {
    const { end_session_endpoint: at } = await this.metadata();
    const end = await visitor.go(`${at}?${new URLSearchParams(fields)}`);
    return this.subject.asksToSignOut(end) ? this.subject.signsOut(visitor, end) : end;
  }
}

function answersAnyway(more) {
  return async (bench) => void (await bench.signsIn(bench.visitor(), more));
}

/** The user proved who they are just now: in the last `age` seconds, as far as clocks agree. */
function isRecent({ auth_time }, age = 1) {
  check(auth_time === undefined || auth_time >= now() - age - SKEW, "auth_time is not recent");
}

function learns(scope, names) {
  return async (bench) => {
    const info = await bench.learns(bench.visitor(), { scope });
    for (const name of names) check(info[name] !== undefined, `userinfo has no ${name}`);
  };
}

/** A sign-out that may not lead to the app: with what is wrong in it. */
function staysHere(fields) {
  return async (bench) => {
    const { visitor, tokens, claims } = await bench.known();
    const end = await bench.leaves(visitor, fields(bench.subject, tokens.id_token, claims));
    check(!(end instanceof Answer), `leads to ${end.url}`);
  };
}

/** A sign-out after which the provider's own page says so. */
function says(fields) {
  return async (bench) => {
    const { visitor, tokens } = await bench.known();
    const end = await bench.leaves(visitor, fields(tokens.id_token));
    check(!(end instanceof Answer) && end.status === 200, `leads to ${end.url}`);
    check(await bench.isSignedOut(visitor), "the user is still signed in");
  };
}

async function requestObject(bench, more) {
  const { all, end } = await bench.comes(bench.visitor(), more);
  const error = end.query.get("error");
  if (error !== null) return error;
  const { body } = await bench.redeems(end.query.get("code"));
  const claims = JSON.parse(Buffer.from(body.id_token.split(".")[1], "base64url"));
  check(claims.nonce !== all.nonce, "the request object is ignored");
  return null;
}

const basic = {
  "oidcc-server": async (bench) => {
    const { code, tokens, claims } = await bench.signsIn(bench.visitor());
    check(entropy(code) >= 96 && entropy(tokens.access_token) >= 96, "the code or the token can be guessed");
    check(claims.email === undefined && claims.name === undefined, "the ID token tells what was not asked for");
    check((await bench.info(tokens.access_token)).body.email === undefined, "userinfo tells what was not asked for");
  },
  "oidcc-response-type-missing": async (bench) => {
    const { end } = await bench.asks(bench.visitor(), { response_type: undefined });
    if (end instanceof Answer) check(end.query.get("error") !== null && end.query.get("code") === null, "there is no error");
    else check(end.status >= 400, `a page with status ${end.status}`);
  },
  "oidcc-idtoken-signature": answersAnyway(),
  "oidcc-idtoken-unsigned": async (bench) => {
    const { id_token_signing_alg_values_supported: all } = await bench.metadata();
    check(!all.includes("none"), "the provider offers ID tokens without a signature");
  },
  "oidcc-userinfo-get": async (bench) => void (await bench.learns(bench.visitor(), {}, "get")),
  "oidcc-userinfo-post-header": async (bench) => void (await bench.learns(bench.visitor(), {}, "header")),
  "oidcc-userinfo-post-body": async (bench) => {
    const { tokens, claims } = await bench.signsIn(bench.visitor());
    const { status, body } = await bench.info(tokens.access_token, "body");
    check(status >= 400 || body.sub === claims.sub, "sub of userinfo is another one");
  },
  "oidcc-ensure-request-without-nonce-succeeds-for-code-flow": answersAnyway({ nonce: undefined }),
  "oidcc-scope-profile": learns("openid profile", ["name", "preferred_username"]),
  "oidcc-scope-email": learns("openid email", ["email", "email_verified"]),
  "oidcc-scope-address": learns("openid address", []),
  "oidcc-scope-phone": learns("openid phone", []),
  "oidcc-scope-all": learns("openid profile email address phone", ["name", "email"]),
  "oidcc-alternate-happy-flow": async (bench) => {
    const visitor = bench.visitor();
    const { all, endpoint } = await bench.request({ scope: "email openid" });
    const given = Object.entries(all).reverse();
    let end = await visitor.go(`${endpoint}?${new URLSearchParams(given)}`);
    if (bench.subject.asksToSignIn(end)) end = await bench.subject.signsIn(visitor, end);
    check(end.query?.get("state") === all.state && end.query.get("code") !== null, "no code with its state");
  },
  "oidcc-display-page": answersAnyway({ display: "page" }),
  "oidcc-display-popup": answersAnyway({ display: "popup" }),
  "oidcc-prompt-login": async (bench) => {
    const { visitor, claims } = await bench.known();
    const { end } = await bench.asks(visitor, { prompt: "login" });
    check(bench.subject.asksToSignIn(end), "the user is not asked again");
    await bench.subject.passes(claims.auth_time ?? claims.iat);
    const after = await bench.signsIn(visitor, { prompt: "login", max_age: "10000" });
    check(after.claims.sub === claims.sub, "another user");
    check(claims.auth_time === undefined || after.claims.auth_time > claims.auth_time, "auth_time is not later");
    isRecent(after.claims);
  },
  "oidcc-prompt-none-not-logged-in": async (bench) => {
    const { end } = await bench.comes(bench.visitor(), { prompt: "none" });
    const errors = ["login_required", "interaction_required", "consent_required", "account_selection_required"];
    check(errors.includes(end.query.get("error")), `the error is ${end.query.get("error")}`);
  },
  "oidcc-prompt-none-logged-in": async (bench) => {
    const visitor = bench.visitor();
    const first = await bench.signsIn(visitor, { max_age: "10000" });
    const { end, all } = await bench.asks(visitor, { prompt: "none", max_age: "10000" });
    check(end instanceof Answer, "a page is shown");
    const { body } = await bench.redeems(end.query.get("code"));
    const claims = await bench.judges(body, all.nonce);
    check(claims.sub === first.claims.sub && claims.auth_time === first.claims.auth_time, "another sign-in");
  },
  "oidcc-max-age-1": async (bench) => {
    const visitor = bench.visitor();
    const first = await bench.signsIn(visitor, { max_age: "10000" });
    await bench.subject.passes(first.claims.auth_time + 1);
    const { end } = await bench.asks(visitor, { max_age: "1" });
    check(bench.subject.asksToSignIn(end), "the user is not asked again");
    const after = await bench.signsIn(visitor, { max_age: "1" });
    check(after.claims.sub === first.claims.sub, "another user");
    check(after.claims.auth_time > first.claims.auth_time, "auth_time is missing or not later");
    isRecent(after.claims, 1);
  },
  "oidcc-max-age-10000": async (bench) => {
    const visitor = bench.visitor();
    // The first request has it, too: else a provider may leave auth_time out, and there is nothing
    // to compare.
    const first = await bench.signsIn(visitor, { max_age: "15000" });
    check(Number.isInteger(first.claims.auth_time), "the first ID token has no auth_time");
    await bench.subject.passes(first.claims.auth_time);
    const { end, all } = await bench.asks(visitor, { max_age: "10000" });
    check(end instanceof Answer, "the user is asked again");
    const claims = await bench.judges((await bench.redeems(end.query.get("code"))).body, all.nonce);
    check(Number.isInteger(claims.auth_time) && claims.auth_time === first.claims.auth_time, "auth_time is another one");
    check(claims.sub === first.claims.sub, "another user");
  },
  "oidcc-ensure-request-with-unknown-parameter-succeeds": answersAnyway({ extra: "foobar" }),
  "oidcc-id-token-hint": async (bench) => {
    const { visitor, tokens, claims } = await bench.known();
    const { end, all } = await bench.asks(visitor, { prompt: "none", id_token_hint: tokens.id_token });
    check(end instanceof Answer && end.query.get("code") !== null, "there is no code");
    const after = await bench.judges((await bench.redeems(end.query.get("code"))).body, all.nonce);
    check(after.sub === claims.sub, "another user");
  },
  "oidcc-login-hint": async (bench) => void (await bench.signsIn(bench.visitor(), { login_hint: bench.subject.user })),
  "oidcc-ui-locales": answersAnyway({ ui_locales: "se" }),
  "oidcc-claims-locales": answersAnyway({ claims_locales: "se" }),
  "oidcc-ensure-request-with-acr-values-succeeds": answersAnyway({ acr_values: "1 2" }),
  "oidcc-codereuse": async (bench) => {
    const { code } = await bench.signsIn(bench.visitor());
    const { status, body } = await bench.redeems(code);
    check(status === 400 && body.error === "invalid_grant", `the second use is answered ${status} ${body.error}`);
  },
  "oidcc-codereuse-30seconds": async (bench) => {
    const { code, tokens, claims } = await bench.signsIn(bench.visitor());
    check((await bench.info(tokens.access_token)).status === 200, "the first token does not count");
    // As long as the suite waits. Until then a provider may take it for a request that was sent
    // twice.
    await bench.subject.passes(claims.iat + 30);
    check((await bench.redeems(code)).body.error === "invalid_grant", "the second use is not refused");
    check((await bench.info(tokens.access_token)).status >= 400, "what the first use gave goes on");
  },
  "oidcc-ensure-registered-redirect-uri": async (bench) => {
    const { end } = await bench.asks(bench.visitor(), { redirect_uri: `${bench.subject.elsewhere}/callback` });
    check(!(end instanceof Answer), `leads to ${end.url}`);
    check(end.status >= 400, `a page with status ${end.status}`);
  },
  "oidcc-ensure-post-request-succeeds": async (bench) => {
    const visitor = bench.visitor();
    const { all, endpoint } = await bench.request();
    let end = await visitor.go(endpoint, { method: "POST", fields: all, from: bench.subject.callback });
    if (bench.subject.asksToSignIn(end)) end = await bench.subject.signsIn(visitor, end);
    check(end.query?.get("code") && end.query.get("state") === all.state, `no code: ${end.url}: ${end.status}: ${end.body?.slice(0, 300)}`);
  },
  "oidcc-server-client-secret-post": async (bench) => void (await bench.signsIn(bench.visitor(), {}, { by: "post" })),
  "oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported": async (bench) => {
    const error = await requestObject(bench, { request_uri: `${bench.subject.elsewhere}/request` });
    check(error === null || error === "request_uri_not_supported", `the error is ${error}`);
  },
  "oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported": async (bench) => {
    const request = unsigned({ nonce: random(), client_id: bench.subject.one.id });
    const error = await requestObject(bench, { request });
    check(error === null || error === "request_not_supported", `the error is ${error}`);
  },
  "oidcc-claims-essential": async (bench) => {
    const claims = JSON.stringify({ userinfo: { name: { essential: true } } });
    check((await bench.learns(bench.visitor(), { claims })).name !== undefined, "userinfo has no name");
  },
  "oidcc-ensure-request-object-with-redirect-uri": async (bench) => {
    const { request_parameter_supported: is } = await bench.metadata();
    if (is !== true) throw new Skipped(DECIDED);
    const request = unsigned({ redirect_uri: bench.subject.callback, client_id: bench.subject.one.id });
    const { end } = await bench.comes(bench.visitor(), { request, redirect_uri: undefined });
    check(end.query.get("code") !== null, "the request object's address is not used");
  },
  "oidcc-refresh-token": async (bench) => {
    const { tokens, claims } = await bench.signsIn(bench.visitor(), { scope: "openid offline_access" });
    check(/^[\x20-\x7e]+$/.test(tokens.refresh_token ?? ""), "there is no refresh token");
    const fields = { grant_type: "refresh_token", refresh_token: tokens.refresh_token };
    const other = await bench.posts("token_endpoint", fields, bench.subject.other);
    check(other.status === 400 && other.body.error === "invalid_grant", `another app gets ${other.status}`);
    const { status, body } = await bench.posts("token_endpoint", fields);
    check(status === 200 && body.access_token !== tokens.access_token, `the app gets ${status}`);
    if (body.id_token === undefined) return;
    const after = JSON.parse(Buffer.from(body.id_token.split(".")[1], "base64url"));
    for (const name of ["iss", "sub", "aud"]) check(after[name] === claims[name], `${name} is another one`);
    check(after.nonce === undefined || after.nonce === claims.nonce, "the nonce is new");
  },
  "oidcc-ensure-request-with-valid-pkce-succeeds": async (bench) => {
    const [verifier, challenge] = CHALLENGE;
    const more = { code_challenge: challenge, code_challenge_method: "S256" };
    await bench.signsIn(bench.visitor(), more, { redeem: { code_verifier: verifier } });
    const { code } = await bench.code(bench.visitor(), more);
    check((await bench.redeems(code, { code_verifier: `${verifier}x` })).status === 400, "any verifier is right");
  },
};

/** The arrays that discovery may have, of which each member is a text. */
const isListOfTexts = (value) => Array.isArray(value) && value.every((one) => typeof one === "string" && one !== "");

function hasAll(metadata, name, wanted) {
  check(isListOfTexts(metadata[name]), `${name} is no list`);
  for (const one of wanted) check(metadata[name].includes(one), `${name} lacks ${one}`);
}

/** A key that apps can read, and no more than that. */
function checkKey(key) {
  const needs = { RSA: ["n", "e"], EC: ["crv", "x", "y"] }[key.kty];
  check(needs !== undefined, `a key of the kind ${key.kty}`);
  check(typeof key.kid === "string" && key.kid !== "", "a key has no name");
  for (const name of needs) check(BASE64URL.test(key[name] ?? (name === "crv" ? "-" : "")), `${name} of a key is no base64url`);
  for (const name of ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]) check(key[name] === undefined, `the set holds a private key: ${name}`);
  const { asymmetricKeyType: kind, asymmetricKeyDetails: details } = createPublicKey({ key, format: "jwk" });
  check(kind !== "rsa" || details.modulusLength >= 2048, `an RSA key has ${details.modulusLength} bits`);
}

const config = {
  "oidcc-discovery-endpoint-verification": async (bench) => {
    const all = await bench.metadata();
    check(all.issuer === bench.subject.issuer, `the issuer is ${all.issuer}`);
    const issuer = new URL(all.issuer);
    check(issuer.search === "" && issuer.hash === "" && !/[?#]/.test(all.issuer), "the issuer has a query or a fragment");
    hasAll(all, "response_types_supported", ["code"]);
    hasAll(all, "subject_types_supported", []);
    check(all.subject_types_supported.every((type) => ["public", "pairwise"].includes(type)), "a subject type is unknown");
    hasAll(all, "id_token_signing_alg_values_supported", ["RS256"]);
    // What the standards only recommend: if it is there, it is right.
    const perhaps = (name, wanted) => all[name] === undefined || hasAll(all, name, wanted);
    perhaps("scopes_supported", ["openid"]);
    perhaps("grant_types_supported", ["authorization_code"]);
    perhaps("claims_supported", ["sub"]);
    perhaps("code_challenge_methods_supported", ["S256"]);
    check(!all.code_challenge_methods_supported?.includes("plain"), "a challenge in plain text");
    for (const scope of all.scopes_supported ?? []) check(SCOPE.test(scope), `the scope ${scope}`);
    for (const name of ["ui_locales_supported", "claims_locales_supported"]) {
      // Throws for what is no language tag (BCP 47).
      for (const locale of all[name] ?? []) Intl.getCanonicalLocales(locale);
    }
    for (const name of ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"]) check(URL.canParse(all[name]), `no ${name}`);
    // A member that no standard knows is no error (Discovery, section 3): it is read as any other.
    for (const [name, value] of Object.entries(all)) {
      check(!Array.isArray(value) || value.length > 0, `${name} is empty`);
      check(value !== null, `${name} is null`);
      check(!/_supported$/.test(name) || Array.isArray(value) || typeof value === "boolean", `${name} is neither a list nor a switch`);
      if (!name.endsWith("_endpoint") && name !== "jwks_uri") continue;
      // Tests run without TLS. So the origin stands for https: nothing leads away from the issuer.
      check(URL.canParse(value) && new URL(value).origin === issuer.origin, `${name} is elsewhere`);
      check(new URL(value).hash === "", `${name} has a fragment`);
    }
    const answer = await send(all.jwks_uri);
    check(answer.status === 200, `the keys are answered ${answer.status}`);
    const { keys } = JSON.parse(answer.body);
    check(Array.isArray(keys) && keys.length > 0, "there are no keys");
    check(new Set(keys.map((key) => key.kid)).size === keys.length, "keys share a name");
    keys.forEach(checkKey);
    check(keys.some((key) => key.kty === "RSA" && (key.use ?? "sig") === "sig"), "no key signs by RS256");
  },
};

const logout = {
  "oidcc-rp-initiated-logout-discovery-endpoint-verification": async (bench) => {
    check(URL.canParse((await bench.metadata()).end_session_endpoint), "there is no end_session_endpoint");
  },
  "oidcc-rp-initiated-logout": async (bench) => {
    const { visitor, tokens } = await bench.known();
    const state = random();
    const fields = { id_token_hint: tokens.id_token, post_logout_redirect_uri: bench.subject.signedOut, state };
    const end = await bench.leaves(visitor, fields);
    check(end instanceof Answer && end.url.startsWith(bench.subject.signedOut), `leads to ${end.url}`);
    check(end.query.get("state") === state, "the state is missing");
    check(await bench.isSignedOut(visitor), "the user is still signed in");
  },
  "oidcc-rp-initiated-logout-bad-post-logout-redirect-uri": staysHere((subject, hint) => ({
    id_token_hint: hint,
    post_logout_redirect_uri: `${subject.elsewhere}/bye`,
  })),
  "oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri": staysHere((subject, hint) => ({
    id_token_hint: hint,
    post_logout_redirect_uri: `${subject.signedOut}?foo=bar`,
  })),
  "oidcc-rp-initiated-logout-no-id-token-hint": staysHere((subject) => ({ post_logout_redirect_uri: subject.signedOut })),
  "oidcc-rp-initiated-logout-modified-id-token-hint": staysHere((subject, _hint, claims) => ({
    id_token_hint: unsigned(claims),
    post_logout_redirect_uri: subject.signedOut,
  })),
  "oidcc-rp-initiated-logout-bad-id-token-hint": staysHere((subject, hint) => ({
    id_token_hint: `${hint.slice(0, hint.lastIndexOf("."))}.${randomBytes(256).toString("base64url")}`,
    post_logout_redirect_uri: subject.signedOut,
  })),
  "oidcc-rp-initiated-logout-no-params": says(() => ({})),
  "oidcc-rp-initiated-logout-only-state": says(() => ({ state: random() })),
  "oidcc-rp-initiated-logout-no-post-logout-redirect-uri": says((hint) => ({ id_token_hint: hint })),
  "oidcc-rp-initiated-logout-no-state": async (bench) => {
    const { visitor, tokens } = await bench.known();
    const end = await bench.leaves(visitor, { id_token_hint: tokens.id_token, post_logout_redirect_uri: bench.subject.signedOut });
    check(end.url === bench.subject.signedOut, `leads to ${end.url}`);
    check(await bench.isSignedOut(visitor), "the user is still signed in");
  },
};

const backChannel = {
  "oidcc-backchannel-logout-discovery-endpoint-verification": async (bench) => {
    const all = await bench.metadata();
    for (const name of ["backchannel_logout_supported", "backchannel_logout_session_supported"]) check(all[name] === true, `no ${name}`);
    check(URL.canParse(all.end_session_endpoint), "there is no end_session_endpoint");
  },
  "oidcc-backchannel-rp-initiated-logout": async (bench) => {
    const { visitor, tokens, claims } = await bench.known();
    bench.subject.receiver.forget();
    const fields = { id_token_hint: tokens.id_token, post_logout_redirect_uri: bench.subject.signedOut };
    const end = await bench.leaves(visitor, fields);
    check(end.url === bench.subject.signedOut, `leads to ${end.url}`);
    const names = (told) => told?.sub === claims.sub || (told?.sid !== undefined && told.sid === claims.sid);
    let told;
    // One about an earlier session may come first. If none names this one, the wait ends in an
    // error.
    for (let heard = 0; heard < 3 && !names(told); heard += 1) {
      const form = await bench.subject.receiver.next();
      told = await bench.judges({ id_token: new URLSearchParams(form).get("logout_token") }, undefined);
    }
    check(Math.abs(told.iat - now()) <= 300 && typeof told.jti === "string", "iat or jti is wrong");
    const events = Object.keys(told.events ?? {});
    check(events.length === 1 && events[0] === "http://schemas.openid.net/event/backchannel-logout", "events is wrong");
    check(names(told), "it names another session");
    check(await bench.isSignedOut(visitor), "the user is still signed in");
  },
};

export const MODULES = Object.entries({ ...basic, ...config, ...logout, ...backChannel });
