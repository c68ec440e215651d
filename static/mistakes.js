// Marks what was typed into a field with a mistake that gets the focus as the page opens. The tab
// key does so, too. Then typing or pasting replaces it. Chromium puts the caret before it. An
// emailed code, [data-code], is marked whenever the focus first comes.
for (const field of document.querySelectorAll("[data-code], input[aria-invalid][autofocus]")) {
  // Marking a field moves the focus there, and the browser complains if it comes before its own.
  if (document.activeElement === field) field.select();
  else field.addEventListener("focus", () => field.select(), { once: true });
}
