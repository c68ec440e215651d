// The app's server, as far as it hears of sign-outs.
import { createServer } from "node:http";

const PATIENCE = 30_000;

export async function receiver(port = 0) {
  let heard = [];
  let waits;
  const server = createServer((request, response) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      heard.push(Buffer.concat(parts).toString());
      waits?.();
      response.writeHead(200).end();
    });
  });
  await new Promise((listens) => server.listen(port, "127.0.0.1", listens));
  return {
    uri: `http://127.0.0.1:${server.address().port}/logout`,
    forget: () => (heard = []),
    next: async () => {
      if (heard.length === 0) {
        await new Promise((comes, fails) => {
          waits = comes;
          setTimeout(() => fails(new Error("the app hears nothing")), PATIENCE).unref();
        });
      }
      return heard.shift();
    },
    close: () => server.close(),
  };
}
