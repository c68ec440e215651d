// A form is sent once, however often its button is pressed: a second press would find a link already used.
//
// No event says that the browser's "Stop" was pressed, so the form is free again after a while, and when the page is looked at again.

const PATIENCE = 5000;

const free = () => {
  for (const form of document.forms) delete form.dataset.sent;
};

for (const form of document.forms) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    else setTimeout(free, PATIENCE);
    form.dataset.sent = "yes";
  });
}

addEventListener("pageshow", free);
document.addEventListener("visibilitychange", () => document.hidden || free());
