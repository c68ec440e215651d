// Runs modules and says what became of each.
import { Bench, Skipped } from "./modules.mjs";

/** Returns `undefined` if the module passes, "skipped", or why it fails. */
export async function judge([name, module], subject) {
  try {
    await module(new Bench(subject));
    return undefined;
  } catch (error) {
    return error instanceof Skipped ? "skipped" : `${error.message}${error.cause ? `: ${error.cause.message}` : ""}`;
  }
}

/** Judges a provider by these modules, one after another. Returns how many failed. */
export async function judgeAll(modules, subject) {
  const failed = [];
  for (const module of modules) {
    const why = await judge(module, subject);
    console.log(`${module[0]}: ${why === undefined ? "passed" : why === "skipped" ? why : `failed: ${why}`}`);
    if (why !== undefined && why !== "skipped") failed.push(module[0]);
  }
  return failed;
}
