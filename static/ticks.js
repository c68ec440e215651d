// Shows a box that ticks all boxes of its form. Shows what acts on the ticked ones only while there
// are some. Without this script the box stays hidden and the buttons are there.
for (const all of document.querySelectorAll("[data-ticks]")) {
  const [box, form] = [all.querySelector("input"), all.closest("form")];
  const acts = form.querySelector("[data-ticked]");
  const boxes = () => [...form.querySelectorAll(`input[name="${all.dataset.ticks}"]`)];
  const follow = () => {
    box.checked = boxes().every((each) => each.checked);
    if (acts) acts.hidden = !boxes().some((each) => each.checked);
  };
  all.hidden = false;
  box.addEventListener("change", () => boxes().forEach((each) => (each.checked = box.checked)));
  form.addEventListener("change", follow);
  // Back brings ticks back, some browsers after this script.
  addEventListener("pageshow", follow);
  follow();
}
