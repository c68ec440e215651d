// An app behind a proxy: says what the proxy told it about the user.
// Usage: node echo.mjs PORT
import { createServer } from "node:http";

const port = process.argv[2];
createServer((request, response) => {
  const header = (name) => request.headers[name] ?? "nothing";
  const text = `${header("oidc_claim_email")} verified ${header("oidc_claim_email_verified")}; user ${header("oidc_claim_preferred_username")}`;
  response.writeHead(200, { "Content-Type": "text/html" }).end(`<title>App</title><h1>The app</h1><p>${text}</p>`);
}).listen(Number(port), "127.0.0.1", () => console.log(`listening on ${port}`));
