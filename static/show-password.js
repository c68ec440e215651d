// Shows what the user types into a password field, and hides it again. Without this script the
// button stays hidden.
for (const button of document.querySelectorAll("[data-shows]")) {
  const field = document.getElementById(button.dataset.shows);
  const show = (shown) => {
    field.type = shown ? "text" : "password";
    button.textContent = shown ? button.dataset.hide : button.dataset.show;
    button.setAttribute("aria-pressed", String(shown));
  };
  button.hidden = false;
  button.addEventListener("click", () => show(field.type === "password"));
  // Hide it again, so that no password manager and no history of typed texts takes it for an
  // ordinary field.
  field.form.addEventListener("submit", () => show(false));
}
