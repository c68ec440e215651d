// A browser as far as HTTP goes: cookies, redirects, pages that lead on by themselves, forms.
import { request } from "node:http";

const MOST_STEPS = 20;

function unescape(text) {
  return text.replaceAll("&quot;", '"').replaceAll("&#34;", '"').replaceAll("&#38;", "&").replaceAll("&amp;", "&");
}

function attributes(tag) {
  return Object.fromEntries([...tag.matchAll(/([a-z-]+)\s*=\s*"([^"]*)"/gi)].map(([, name, value]) => [name, unescape(value)]));
}

/** Sends one request and returns status, headers and text. */
export function send(url, { method = "GET", headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) };
    const sent = request(url, { method, headers: { ...headers, ...length } }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts).toString() }));
    });
    sent.setTimeout(20_000, () => sent.destroy(new Error(`no answer from ${url}`)));
    sent.on("error", reject);
    sent.end(body);
  });
}

export class Page {
  constructor(url, answer) {
    Object.assign(this, { url, status: answer.status, body: answer.body });
  }

  /** Returns the form with this action, with its hidden fields. */
  form(action) {
    for (const [, tag, inside] of this.body.matchAll(/<form([^>]*)>([\s\S]*?)<\/form>/gi)) {
      const to = attributes(tag).action ?? this.url;
      if (!action.test(to)) continue;
      const inputs = [...inside.matchAll(/<input([^>]*)>/gi)].map(([, input]) => attributes(input));
      const hidden = inputs.filter((input) => input.type === "hidden").map((input) => [input.name, input.value ?? ""]);
      return { action: new URL(to, this.url).href, fields: Object.fromEntries(hidden) };
    }
    return undefined;
  }
}

/** The end of a way: the app's address with what came along. */
export class Answer {
  constructor(url) {
    this.url = url;
    this.query = new URL(url).searchParams;
  }
}

export class Visitor {
  #jar = new Map();

  /** `ends` are the addresses of the app, which nothing serves. */
  constructor(ends) {
    this.ends = ends;
  }

  #cookies(host) {
    return [...(this.#jar.get(host) ?? new Map())].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  #keep(host, lines = []) {
    const jar = this.#jar.get(host) ?? new Map();
    this.#jar.set(host, jar);
    for (const line of lines) {
      const [pair, ...rest] = line.split(";");
      const [name, ...value] = pair.split("=");
      const ends = /expires=thu, 01 jan 1970|max-age=0/i.test(rest.join(";"));
      if (ends) jar.delete(name.trim());
      else jar.set(name.trim(), value.join("="));
    }
  }

  /** Opens an address, and follows until a page comes or the app's address. `from` is the page before. */
  async go(url, { method = "GET", fields, from } = {}) {
    for (let step = 0; step < MOST_STEPS; step += 1) {
      if (this.ends.some((end) => url === end || url.startsWith(`${end}?`) || url.startsWith(`${end}/`))) return new Answer(url);
      const { host, origin } = new URL(url);
      const site = from === undefined ? "none" : new URL(from).origin === origin ? "same-origin" : "cross-site";
      const headers = {
        Accept: "text/html",
        "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document",
        "Sec-Fetch-Site": site,
      };
      const cookies = this.#cookies(host);
      if (cookies !== "") headers.Cookie = cookies;
      let body;
      if (method === "POST") {
        headers["Content-Type"] = "application/x-www-form-urlencoded";
        body = new URLSearchParams(fields).toString();
      }
      const answer = await send(url, { method, headers, body });
      this.#keep(host, answer.headers["set-cookie"]);
      const refresh = /http-equiv="refresh" content="0; url=([^"]*)"/i.exec(answer.body);
      const to = answer.headers.location ?? (refresh && unescape(refresh[1]));
      if (answer.status === 307 || answer.status === 308) throw new Error(`${url}: ${answer.status} would send a form on`);
      if (to === undefined || to === null) return new Page(url, answer);
      if (from === undefined || site !== "none") from = url;
      url = new URL(to, url).href;
      method = "GET";
    }
    throw new Error(`redirected in a circle, last to ${url}`);
  }

  /** Sends a form of a page. */
  async submit(page, action, more = {}) {
    const form = page.form(action);
    if (form === undefined) throw new Error(`no form for ${action} at ${page.url}: ${page.body.slice(0, 2000)}`);
    return this.go(form.action, { method: "POST", fields: { ...form.fields, ...more }, from: page.url });
  }
}
