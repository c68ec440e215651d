// The field for an emailed code, [data-code]: sends the form as soon as a whole code was pasted, or
// typed from its beginning. Without this script a button sends the form.
//
// It sends no code that was refused in this tab. A user who corrects a refused code may have to
// change several characters. So the user sends the correction.

const REFUSED = "refused-codes";

for (const field of document.querySelectorAll("[data-code]")) {
  const read = () => field.value.replace(/[\s\u00ad\u2010-\u2015-]/g, "").toUpperCase();
  const shown = read();
  const known = new Set([shown]);
  try {
    for (const code of (sessionStorage[REFUSED] ?? "").split(" ")) known.add(code);
    if (shown) sessionStorage[REFUSED] = [...known].slice(0, 9).join(" ");
  } catch {
    // The browser keeps nothing. Then this page knows one refused code.
  }
  let isNew = shown.length !== 6;
  field.addEventListener("input", (event) => {
    const code = read();
    const isEdit = event.inputType?.startsWith("delete") || event.data?.length === 1;
    if (!isEdit || code.length < 2) isNew = true;
    if (!isNew || event.isComposing || code.length !== 6 || known.has(code)) return;
    known.add(code);
    isNew = false;
    field.form.requestSubmit();
  });
}
