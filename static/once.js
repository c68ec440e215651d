// A form is sent once, however often its button is pressed: a second press would find a link already used.

for (const form of document.forms) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}

// Back from the next page, the form is fresh again.
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});
