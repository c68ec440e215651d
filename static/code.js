// The field for an emailed code, [data-code], sends the form as soon as it has a whole code. It was
// pasted, or typed from its beginning. Without this script a button sends the form.
//
// It does not send the refused code that the page shows. A user who corrects that may have to
// change several characters. So the user sends the correction.

for (const field of document.querySelectorAll("[data-code]")) {
  const read = () => field.value.replace(/[\s\u00ad\u2010-\u2015-]/g, "").toUpperCase();
  const known = new Set([read()]);
  let isNew = read().length !== 6;
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
