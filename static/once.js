// Sends a form once, even if the user presses its button twice. A second press would find a link
// already used.
//
// No event tells of the browser's "Stop" button. So the form is free again after a while, and when
// the user returns to the page.

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

// A form that waited for a proof sends itself, once the user has given the proof in this tab.
const held = document.querySelector("form[data-continue]");
held?.requestSubmit(held.querySelector("[data-continues]"));

// So is a button that was pressed before. Without its form the page still says that one press is
// left.
const asked = document.querySelector("[data-press]");
const sent = (form) => `${form.getAttribute("action")}?${new URLSearchParams(new FormData(form))}`;
const pressed = asked && [...document.forms].find((form) => sent(form) === asked.dataset.press);
if (pressed) {
  asked.hidden = true;
  pressed.requestSubmit();
}
