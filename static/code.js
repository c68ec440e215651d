// The field for an emailed code, [data-code]: sends the form at the sixth character, once. A code
// that was wrong is marked (mistakes.js), and the user sends the correction. Without this script a
// button sends the form.
for (const field of document.querySelectorAll("[data-code]")) {
  let sends = !field.value;
  field.addEventListener("input", (event) => {
    const typed = field.value.replace(/[\s\u00ad\u2010-\u2015-]/g, "");
    if (!sends || event.isComposing || typed.length !== 6) return;
    sends = false;
    field.form.requestSubmit();
  });
}
