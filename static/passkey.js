// Asks the browser for a passkey and sends its answer to the server. Without this script, or
// without passkeys in the browser, its buttons stay hidden and every other way in works. An element
// [data-no-passkeys] then says so.
//
//   <button type="button" data-passkey="sign-in" data-options="/…" data-finish="/…" hidden>
//
// The button is in a form or an element [data-passkey-area]. The area holds fields whose values are
// sent along by name. Its [role=alert] has the sentences for problems in data-… attributes. An
// <input autocomplete="username webauthn"> in the area of a "sign-in" offers passkeys among the
// addresses that the browser knows.

const able = window.PublicKeyCredential && navigator.credentials;

// Our bytes are base64url in JSON. Browsers with the JSON forms of WebAuthn Level 3 translate
// themselves; these do it for the others.
const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const toText = (buffer) =>
  btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const withBytes = (list) => (list || []).map((one) => ({ ...one, id: toBytes(one.id) }));

const requestOptions = (options) =>
  PublicKeyCredential.parseRequestOptionsFromJSON
    ? PublicKeyCredential.parseRequestOptionsFromJSON(options)
    : { ...options, challenge: toBytes(options.challenge), allowCredentials: withBytes(options.allowCredentials) };

const creationOptions = (options) =>
  PublicKeyCredential.parseCreationOptionsFromJSON
    ? PublicKeyCredential.parseCreationOptionsFromJSON(options)
    : {
        ...options,
        challenge: toBytes(options.challenge),
        user: { ...options.user, id: toBytes(options.user.id) },
        excludeCredentials: withBytes(options.excludeCredentials),
      };

const credentialToJSON = (credential) => {
  try {
    return credential.toJSON();
  } catch {
    // Missing, or from a password manager that replaces the browser's credentials with its objects.
  }
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = toText(credential.response[part]);
  }
  return { id: credential.id, rawId: toText(credential.rawId), type: credential.type, response, clientExtensionResults: {} };
};

// A problem, named like the page's sentence for it.
class Problem extends Error {}

const post = async (path, body) => {
  let answer;
  try {
    answer = await fetch(path, {
      method: "POST",
      cache: "no-store",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    throw new Problem("offline");
  }
  const said = await answer.json().catch(() => ({}));
  if (answer.ok && said.location && !body.quiet) {
    if (said.signals) await Promise.race([signal(said.signals), patience()]);
    location.assign(said.location);
    // The page is about to change.
    return new Promise(() => {});
  }
  if (answer.ok) return said;
  if (answer.status === 429) throw new Problem("patience");
  if (answer.status >= 500) throw new Problem("fault");
  throw new Problem(said.problem || "refused");
};

const areaOf = (element) => element.closest("form, [data-passkey-area]") || document.body;

const fieldsOf = (area) => {
  const fields = {};
  for (const field of area.querySelectorAll("input[name]")) {
    if (field.type === "checkbox") {
      if (field.checked) fields[field.name] = field.value;
    } else if (field.type !== "password" && field.value) {
      fields[field.name] = field.value;
    }
  }
  return fields;
};

// Says at the field what is wrong with the address, as the server does.
const tellOfAddress = (area, words) => {
  const field = area.querySelector("#email");
  if (!field) return false;
  let said = document.getElementById("email-problem");
  if (!said && words) {
    said = document.createElement("p");
    said.className = "problem";
    said.id = "email-problem";
    field.after(said);
    field.setAttribute("aria-describedby", `email-problem ${field.getAttribute("aria-describedby") || ""}`.trim());
  }
  if (said) said.textContent = words;
  if (words) {
    field.setAttribute("aria-invalid", "true");
    field.focus();
  } else {
    field.removeAttribute("aria-invalid");
  }
  return true;
};

const tell = (area, problem) => {
  // A success of the moment before is no news beside a problem.
  if (problem) document.querySelector(".message.good")?.remove();
  const alert = area.querySelector("[role=alert][data-refused]") || document.querySelector("[role=alert][data-refused]");
  if (!alert) return;
  const words = problem ? alert.dataset[problem] || alert.dataset.refused : "";
  const isSaid = tellOfAddress(area, problem === "address" ? words : "") && problem === "address";
  alert.textContent = isSaid ? "" : words;
  alert.hidden = !words || isSaid;
};

const nameOf = (error) => {
  if (error instanceof Problem) return error.message;
  // Closed, refused, or not found in time. The browser does not say which, so that no page learns
  // who has which passkey.
  if (error.name === "NotAllowedError") return "closed";
  if (error.name === "InvalidStateError") return "known";
  if (error.name === "SecurityError") return "elsewhere";
  return "refused";
};

// The request that waits under the address field. A browser allows one request only, so this one
// ends before another begins.
let waiting = null;
const stopWaiting = () => {
  if (waiting) waiting.abort();
  waiting = null;
};

const finish = (button, area, credential) =>
  post(button.dataset.finish, { ...fieldsOf(area), credential: credentialToJSON(credential) });

const press = async (button) => {
  const area = areaOf(button);
  stopWaiting();
  tell(area, null);
  button.disabled = true;
  try {
    const { publicKey } = await post(button.dataset.options, fieldsOf(area));
    const credential =
      button.dataset.passkey === "register"
        ? await navigator.credentials.create({ publicKey: creationOptions(publicKey) })
        : await navigator.credentials.get({ publicKey: requestOptions(publicKey) });
    await finish(button, area, credential);
  } catch (error) {
    button.disabled = false;
    tell(area, nameOf(error));
    if (button.dataset.passkey === "sign-in") wait(button);
  }
};

const wait = async (button) => {
  const area = areaOf(button);
  if (document.hidden || !area.querySelector("input[autocomplete~=webauthn]")) return;
  if (!PublicKeyCredential.isConditionalMediationAvailable) return;
  if (!(await PublicKeyCredential.isConditionalMediationAvailable())) return;
  stopWaiting();
  const mine = new AbortController();
  waiting = mine;
  try {
    // Send no address: with one, the browser would offer only that account's passkeys.
    const { publicKey } = await post(button.dataset.options, {});
    if (mine.signal.aborted) return;
    const credential = await navigator.credentials.get({
      publicKey: requestOptions(publicKey),
      mediation: "conditional",
      signal: mine.signal,
    });
    tell(area, null);
    await finish(button, area, credential);
  } catch (error) {
    // Stay silent about a browser or a server that could not begin, because the user has asked for
    // nothing yet.
    if (mine.signal.aborted || (waiting === mine && !(error instanceof Problem))) return;
    if (["offline", "patience", "fault"].includes(error.message)) return;
    tell(area, nameOf(error));
  }
};

// Tells the browser which passkeys the account of the signed-in user still has, and what it is
// called now. Never calls signalUnknownCredential. What a page says of an id for a typed address
// must not tell whether the id is real.
const signal = ({ rpId, userId, ids, name, displayName }) => {
  const told = {
    signalAllAcceptedCredentials: { rpId, userId, allAcceptedCredentialIds: ids ? ids.split(" ") : [] },
    signalCurrentUserDetails: { rpId, userId, name, displayName },
  };
  const tell = async ([call, of]) => PublicKeyCredential[call] && PublicKeyCredential[call](of);
  // Not known here, or refused: then the browser finds out when a passkey is used.
  return Promise.allSettled(Object.entries(told).map(tell));
};
// A browser that takes long to answer does not keep its user from the next page.
const patience = () => new Promise((over) => setTimeout(over, 500));
const signals = () => document.querySelectorAll("[data-passkey-signals]");
const signalAll = () => signals().forEach((place) => signal(place.dataset));

// Right after a password, a browser that can makes a passkey by itself. The user has not asked for
// one, so a failure says nothing.
const makeSilently = async (place) => {
  try {
    const can = PublicKeyCredential.getClientCapabilities && (await PublicKeyCredential.getClientCapabilities());
    if (!can || !can.conditionalCreate) return;
    const { publicKey } = await post(place.dataset.options, { quiet: "on" });
    const credential = await navigator.credentials.create({ publicKey: creationOptions(publicKey), mediation: "conditional" });
    try {
      const { ids } = await post(place.dataset.finish, { quiet: "on", credential: credentialToJSON(credential) });
      for (const known of signals()) known.dataset.ids = ids;
      place.hidden = false;
    } catch {
      // Not taken, so the browser need not keep it.
    }
    signalAll();
  } catch {
    // Closed, not now, or not here.
  }
};

for (const offer of able ? [] : document.querySelectorAll("[data-passkey-offer]")) offer.hidden = true;
for (const link of able ? document.querySelectorAll("[data-passkey-plain]") : []) link.remove();
if (able) {
  signalAll();
  document.querySelectorAll("[data-passkey-silent]").forEach(makeSilently);
}

for (const note of able ? [] : document.querySelectorAll("[data-no-passkeys]")) note.hidden = false;

for (const button of able ? document.querySelectorAll("button[data-passkey]") : []) {
  button.hidden = areaOf(button).hidden = false;
  for (const hint of areaOf(button).querySelectorAll("[data-passkey-hint]")) hint.hidden = false;
  button.addEventListener("click", () => press(button));
  addEventListener("pageshow", () => (button.disabled = false));
  if (button.dataset.passkey === "sign-in") {
    wait(button);
    // A challenge expires after ten minutes, and belongs to the tab that asked last. So a tab that
    // the user returns to asks again.
    document.addEventListener("visibilitychange", () => (document.hidden ? stopWaiting() : wait(button)));
    setInterval(() => waiting && wait(button), 8 * 60 * 1000);
  }
}
