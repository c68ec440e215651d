// Shows times in the browser's time zone and names it, unless the user chose a time zone. Without
// this script pages show the installation's.
//
// Uses the page's language, calendar and digits, not the browser's, because a Persian date among
// English words can't be read. Of that language it takes the browser's region, because British and
// American readers order a date differently.

const page = document.documentElement.lang || "en";
const own = navigator.languages.find((tag) => tag.startsWith(`${page}-`)) || page;
const plain = { calendar: "gregory", numberingSystem: "latn", hourCycle: "h23" };
const date = new Intl.DateTimeFormat(own, { ...plain, year: "numeric", month: "short", day: "numeric" });
const time = new Intl.DateTimeFormat(own, { ...plain, hour: "2-digit", minute: "2-digit", timeZoneName: "short" });

// Keeps what the server wrote around its own time, as in "27. Nov. 2026, 14:23 UTC".
const written = (at, before) => {
  const around = /([^\p{L}\p{N}\s]?\s+)\d\d:\d\d(.*?)[^\s()]+(\)?)$/u.exec(before);
  const parts = Object.fromEntries(time.formatToParts(at).map((part) => [part.type, part.value]));
  const [between, behind, end] = around ? around.slice(1) : [", ", " ", ""];
  // A line may break only before the time.
  return `${date.format(at).replaceAll(" ", "\u00a0")}${between}${parts.hour}:${parts.minute}${behind}${parts.timeZoneName}${end}`;
};

for (const element of document.querySelectorAll("html:not([data-keeps-times]) time[datetime]")) {
  const at = new Date(element.dateTime);
  if (!Number.isNaN(at.getTime())) {
    element.title = element.textContent;
    element.textContent = written(at, element.title);
  }
}
for (const element of document.querySelectorAll("html:not([data-keeps-times]) [data-at]")) {
  const at = new Date(element.dataset.at);
  if (!Number.isNaN(at.getTime())) {
    element.title = written(at, element.title);
  }
}
