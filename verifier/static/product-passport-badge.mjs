// SPDX-License-Identifier: Apache-2.0
// <product-passport-badge token="…">: the frame of a listing's badge, and nothing else. Served as /badge.js.
//
// It shows nothing by itself: what is inside the frame comes from the server that this script comes from, and the page
// around it can neither read nor paint it. A new token is a new frame. HTML, Custom elements.

const TITLE = { zh: "产品护照徽章", en: "Product passport badge" };
const BASE = new URL(import.meta.url).origin;

class ProductPassportBadge extends HTMLElement {
  static observedAttributes = ["token", "lang"];

  connectedCallback() {
    this.#frame();
  }

  attributeChangedCallback(_name, before, now) {
    if (before !== now && this.isConnected) this.#frame();
  }

  #frame() {
    const token = this.getAttribute("token");
    if (!token) {
      this.replaceChildren();
      return;
    }
    const said = this.getAttribute("lang") || document.documentElement.lang || "zh";
    const language = said.toLowerCase().startsWith("en") ? "en" : "zh";
    const frame = document.createElement("iframe");
    frame.title = TITLE[language];
    frame.referrerPolicy = "no-referrer-when-downgrade"; // the server must see which page this is
    frame.style.cssText = "border:0;display:block;width:100%;max-width:26rem;height:14.5rem";
    frame.src = `${BASE}/badge/listing/${encodeURIComponent(token)}?lang=${language}`;
    this.replaceChildren(frame);
  }
}

if (!customElements.get("product-passport-badge")) {
  customElements.define("product-passport-badge", ProductPassportBadge);
}
