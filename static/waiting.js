// Counts down to the next email on the page "check your inbox", an element [data-waiting]. Moves on
// once this browser is signed in. Without this script the page says when the user can ask for
// another email, and a reload moves on.

const button = document.querySelector("[data-wait]");
const countdown = document.querySelector("[data-countdown]");

if (button && countdown) {
  const ready = Date.now() + Number(button.dataset.wait) * 1000;
  const tick = () => {
    const left = Math.ceil((ready - Date.now()) / 1000);
    button.disabled = left > 0;
    countdown.hidden = left <= 0;
    if (left > 0) {
      const minutes = Math.floor(left / 60);
      const seconds = String(left % 60).padStart(2, "0");
      countdown.textContent = countdown.dataset.countdown.replace("…", minutes + ":" + seconds);
      setTimeout(tick, 1000 - ((Date.now() - ready) % 1000 + 1000) % 1000 + 5);
    }
  };
  tick();
}

let asked = 0;
let timer;

const ask = async () => {
  clearTimeout(timer);
  try {
    const answer = await fetch("/login/state", { cache: "no-store", headers: { Accept: "application/json" } });
    if (answer.ok && (await answer.json()).done) {
      // Open the page, never reload: a reload could repeat the form that this page answered.
      location.replace(location.pathname);
      return;
    }
  } catch {
    // Offline, or the server is busy: ask again later.
  }
  asked += 1;
  if (asked < 400) timer = setTimeout(ask, asked < 60 ? 2000 : 10000);
};

if (document.querySelector("[data-waiting]")) {
  timer = setTimeout(ask, 2000);
  // Ask when the user returns from the email program, because they may have signed in there.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) ask();
  });
}
