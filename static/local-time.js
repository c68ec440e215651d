// Shows times in the browser's time zone and names it, unless the user chose a time zone. Without this script pages show the
// installation's.
//
// Uses the page's language, calendar and digits, not the browser's, because a Persian date among English words can't be read.
// Of that language it takes the browser's region, because British and American readers order a date differently.

const page = document.documentElement.lang || "en";
const own = navigator.languages.find((tag) => tag.startsWith(`${page}-`)) || page;
const format = new Intl.DateTimeFormat(own, {
  calendar: "gregory",
  numberingSystem: "latn",
  hourCycle: "h23",
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  timeZoneName: "short",
});
for (const element of document.querySelectorAll("html:not([data-keeps-times]) time[datetime]")) {
  const at = new Date(element.dateTime);
  if (!Number.isNaN(at.getTime())) {
    element.title = element.textContent;
    element.textContent = format.format(at);
  }
}
for (const element of document.querySelectorAll("html:not([data-keeps-times]) [data-at]")) {
  const at = new Date(element.dataset.at);
  if (!Number.isNaN(at.getTime())) {
    element.title = format.format(at);
  }
}
