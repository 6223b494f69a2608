// The masks over all pictures: one opacity, and a switch for each kind of mask. Every copy of a control agrees.
"use strict";
{
  const sliders = document.querySelectorAll(".opacity-slider");
  const toggles = document.querySelectorAll(".layer-toggle");

  const fade = (percent) => {
    document.documentElement.style.setProperty("--opacity", percent / 100);
    for (const slider of sliders) {
      slider.value = percent;
      slider.setAttribute("aria-valuetext", `${percent} %`);
    }
    for (const value of document.querySelectorAll(".opacity-value")) value.textContent = `${percent} %`;
  };

  const switchLayer = (layer, on) => {
    document.documentElement.classList.toggle(`hide-${layer}`, !on);
    for (const toggle of toggles) if (toggle.dataset.layer === layer) toggle.checked = on;
  };

  for (const slider of sliders) slider.addEventListener("input", () => fade(slider.value));
  for (const toggle of toggles) {
    toggle.addEventListener("change", () => switchLayer(toggle.dataset.layer, toggle.checked));
  }
  // A browser may keep what was chosen before the page was loaded again.
  if (sliders.length) fade(sliders[0].value);
  for (const toggle of toggles) switchLayer(toggle.dataset.layer, toggle.checked);
}
