// Lets a colour and its code follow each other on the settings page. Enter saves the section it is
// pressed in. The previews follow what is typed. The button of a section becomes a main one at the
// first change.
const PAUSE = 300;

for (const picker of document.querySelectorAll("[data-picks]")) {
  const code = document.getElementById(picker.dataset.picks);
  const was = document.getElementById(`${picker.dataset.picks}_was`);
  picker.addEventListener("input", () => {
    code.value = was.value = picker.value;
    code.dispatchEvent(new Event("change", { bubbles: true }));
  });
  code.addEventListener("input", () => {
    if (/^#[0-9a-f]{6}$/i.test(code.value)) picker.value = was.value = code.value.toLowerCase();
  });
}

// Without this script, Enter saves all sections.
for (const section of document.querySelectorAll("[data-saves]")) {
  const touched = () => section.querySelector("button[name=section]").classList.remove("second");
  section.addEventListener("input", touched, { once: true });
  section.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || !event.target.matches("input:not([type=color])")) return;
    event.preventDefault();
    section.querySelector("button[name=section]").click();
  });
}

for (const area of document.querySelectorAll("[data-previews]")) {
  const form = area.closest("form");
  let timer;
  const show = () => {
    if (!area.open) return;
    const query = new URLSearchParams();
    for (const name of area.dataset.previews.split(" ")) {
      const field = form.elements[name];
      query.set(name, field.type === "checkbox" ? (field.checked ? "on" : "off") : field.value);
    }
    for (const frame of area.querySelectorAll("iframe")) {
      const wanted = `${frame.dataset.page}&${query}`;
      if (frame.dataset.shown === wanted) continue;
      frame.dataset.shown = wanted;
      // Not by `src`, which would leave an entry in the history for each letter.
      frame.contentWindow.location.replace(wanted);
    }
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(show, PAUSE);
  };
  for (const kind of ["input", "change"]) form.addEventListener(kind, later);
  area.addEventListener("toggle", show);
}
