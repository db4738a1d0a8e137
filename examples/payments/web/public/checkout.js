// The last step of the checkout: says what was paid and leads back to the shop.
const stripe = window.Stripe("pk_live_lH7I3Coz5VryOt3XJBXipERA");
const params = new URLSearchParams(window.location.search);

document.querySelector("#merchant").textContent = params.get("merchant");
document.querySelector("#message").innerHTML = `Thank you, <b>${params.get("name")}</b>`;

document.querySelector("#back").addEventListener("click", () => {
  window.location.href = params.get("return_to");
});

document.querySelector("#overview").addEventListener("click", () => {
  const target = new URL(params.get("next") ?? "/", window.location.origin);
  if (target.origin === window.location.origin) {
    window.location.assign(target.pathname);
  }
});

document.querySelector("#pay").addEventListener("click", () => {
  stripe.redirectToCheckout({ sessionId: params.get("session") });
});
