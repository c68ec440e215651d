// Judges a Gatepost with two apps, "one" and "other".
// Usage: node gatepost.mjs ISSUER SECRET PORT USER…
// At PORT this machine hears of sign-outs. Its developers' mailbox has the users' emails.
import { judgeAll } from "./judge.mjs";
import { MODULES } from "./modules.mjs";
import { receiver } from "./receiver.mjs";
import { Answer, send } from "./visitor.mjs";

const [issuer, secret, port, ...users] = process.argv.slice(2);
const APP = `http://127.0.0.1:${port}`;
const PATIENCE = 30_000;
const pause = () => new Promise((again) => setTimeout(again, 50));

async function links(user) {
  const { body } = await send(`${issuer}/dev/mailbox?to=${encodeURIComponent(user)}`);
  return [...new Set(body.replaceAll(/<[^>]*>/g, "").match(/http\S*\/auth\/verify\?token=[\w-]+/g) ?? [])];
}

/** Signs a user in, or lets them prove again, by the next email to them. */
async function provesByEmail(user, visitor, page) {
  const before = new Set(await links(user));
  const action = page.form(/\/login$/) ? /\/login$/ : /\/step-up$/;
  const sent = await visitor.submit(page, action, action.test("/login") ? { email: user } : {});
  if (!sent.url.endsWith("/login/sent")) throw new Error(`no email, but ${sent.url}: ${sent.body?.slice(0, 300)}`);
  const end = Date.now() + PATIENCE;
  let link;
  while (link === undefined) {
    if (Date.now() > end) throw new Error("the email does not come");
    link = (await links(user)).find((link) => !before.has(link));
    await pause();
  }
  return visitor.submit(await visitor.go(link), /\/auth\/verify$/);
}

const is = (end, action) => !(end instanceof Answer) && end.form(action) !== undefined;
const hears = await receiver(Number(port));
const failed = [];
for (const [n, module] of MODULES.entries()) {
  const user = users[n % users.length];
  const subject = {
    issuer,
    one: { id: "one", secret },
    other: { id: "other", secret },
    callback: `${APP}/callback`,
    signedOut: `${APP}/bye`,
    elsewhere: `${APP}/elsewhere`,
    user,
    receiver: hears,
    asksToSignIn: (end) => is(end, /\/login$|\/step-up$/),
    signsIn: (visitor, page) => provesByEmail(user, visitor, page),
    asksToSignOut: (end) => is(end, /\/oidc\/logout\/confirm$/),
    signsOut: (visitor, page) => visitor.submit(page, /\/oidc\/logout\/confirm$/),
    passes: async (moment) => {
      while (Math.floor(Date.now() / 1000) <= moment) await pause();
    },
  };
  failed.push(...(await judgeAll([module], subject)));
}
hears.close();
console.log(`${MODULES.length} modules; failed: ${failed.length === 0 ? "none" : failed.join(", ")}`);
process.exit(failed.length === 0 ? 0 : 1);
